package dev.wherry.master.access;

import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SampleRequests;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a node may write, by RBAC's node rules and by admission together. */
class NodeRestrictionTest {
  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess node = cluster.entrance.as(Identity.node("n1"));

  @BeforeEach
  void nodeAndPods() {
    node.create(GroupResource.NODES, json("{'metadata':{'name':'n1'}}"));
    cluster.objects.create(
        GroupResource.SERVICE_ACCOUNTS, json("{'metadata':{'name':'web','namespace':'default'}}"));
    for (String name : new String[] {"n1", "n2"}) {
      cluster.objects.create(
          GroupResource.PODS,
          json(
              """
              {'metadata':{'name':'on-%s','namespace':'default','labels':{'a':'b'}},
               'spec':{'nodeName':'%s','serviceAccountName':'web',
                'containers':[{'name':'c','image':'hello:1'}]}}\
              """
                  .formatted(name, name)));
    }
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  @ParameterizedTest
  @CsvSource({
    "kubernetes.io/hostname, true",
    "topology.kubernetes.io/zone, true",
    "node.kubernetes.io/anything, true",
    "deep.kubelet.kubernetes.io/anything, true",
    "example.com/anything, true",
    "plain, true",
    "node-restriction.kubernetes.io/secure, false",
    "team.node-restriction.kubernetes.io/secure, false",
    "node-role.kubernetes.io/master, false",
    "x.k8s.io/y, false"
  })
  void setsLabelsThatAreItsOwn(String label, boolean allowed) {
    ObjectKey key = new ObjectKey("", "n1");
    Obj stored = cluster.objects.get(GroupResource.NODES, key);
    Obj labels = stored.obj("metadata").obj("labels").with(label, "v");
    Obj labelled = stored.withAt(labels, "metadata", "labels");
    if (allowed) {
      node.update(GroupResource.NODES, labelled);
    } else {
      assertThatThrownBy(() -> node.update(GroupResource.NODES, labelled))
          .hasMessageContaining("is not allowed to modify labels: " + label);
    }
  }

  @Test
  void changesTheStatusOfItsPodsAlone() {
    Obj own = cluster.get(GroupResource.PODS, "on-n1");
    node.updateStatus(GroupResource.PODS, own.withAt("Running", "status", "phase"));
    assertThat(cluster.get(GroupResource.PODS, "on-n1").at("status").string("phase"))
        .isEqualTo("Running");
    Obj other = cluster.get(GroupResource.PODS, "on-n2");
    assertThatThrownBy(
            () -> node.updateStatus(GroupResource.PODS, other.withAt("Running", "status", "phase")))
        .hasMessageContaining("is forbidden");
    assertThatThrownBy(() -> node.update(GroupResource.PODS, own))
        .hasMessageContaining("is forbidden");
  }

  @Test
  void makesMirrorPodsThatUseNothing() {
    String pod =
        """
        {'metadata':{'name':'static','namespace':'default','annotations':{'kubernetes.io/config.mirror':'x'}},
         'spec':{'nodeName':'n1','containers':[{'name':'c','image':'hello:1'%s}]%s}}\
        """;
    String account = pod.formatted("", ",'serviceAccountName':'default'");
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, json(account)))
        .hasMessageContaining("a mirror pod may not reference service accounts");
    assertThatThrownBy(
            () ->
                node.create(
                    GroupResource.PODS,
                    json(
                        pod.formatted(
                            "", ",'volumes':[{'name':'s','secret':{'secretName':'x'}}]"))))
        .hasMessageContaining("a mirror pod may not reference secrets");
    assertThatThrownBy(
            () ->
                node.create(
                    GroupResource.PODS,
                    json(pod.formatted(",'envFrom':[{'configMapRef':{'name':'x'}}]", ""))))
        .hasMessageContaining("node \"n1\" can not create pods that reference configmaps");
    assertThatThrownBy(
            () ->
                node.create(
                    GroupResource.PODS, json(pod.formatted("", "").replace("'n1'", "'n2'"))))
        .hasMessageContaining("can only create pods with spec.nodeName set to itself");
    Obj good = json(pod.formatted("", ""));
    assertThatThrownBy(() -> node.create(GroupResource.PODS, good))
        .hasMessageContaining("can only create pods with an owner reference set to itself");
    Obj owner =
        Obj.of("apiVersion", "v1", "kind", "Node", "name", "n1", "uid", "u", "controller", true);
    assertThatThrownBy(() -> node.create(GroupResource.PODS, owned(good, owner)))
        .hasMessageContaining("node n1 UID mismatch: expected u got ");
    String uid = Meta.of(cluster.objects.get(GroupResource.NODES, new ObjectKey("", "n1"))).uid();
    assertThatThrownBy(
            () ->
                node.create(
                    GroupResource.PODS, owned(good, owner.with("uid", uid).without("controller"))))
        .hasMessageContaining("with a controller owner reference set to itself");
    node.create(GroupResource.PODS, owned(good, owner.with("uid", uid)));
  }

  private static Obj owned(Obj pod, Obj owner) {
    return pod.withAt(List.of(owner), "metadata", "ownerReferences");
  }

  @Test
  void asksForItsOwnCertificatesAlone() {
    GroupResource requests = new GroupResource("certificates.k8s.io", "certificatesigningrequests");
    String request =
        """
        {'metadata':{'generateName':'r-'},'spec':{'request':'%s','usages':['client auth'],
         'signerName':'kubernetes.io/kube-apiserver-client-kubelet'}}\
        """;
    Obj other = json(request.formatted(SampleRequests.base64("system:node:n2", "system:nodes")));
    assertThatThrownBy(() -> node.create(requests, other))
        .hasMessageEndingWith("can only create a node CSR with CN=system:node:n1");
    node.create(
        requests, json(request.formatted(SampleRequests.base64("system:node:n1", "system:nodes"))));
  }

  @Test
  void getsTokensOfItsPodsAlone() {
    String uid = Meta.of(cluster.get(GroupResource.PODS, "on-n1")).uid();
    assertThat(
            token(
                    "{'spec':{'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'on-n1','uid':'%s'}}}"
                        .formatted(uid))
                .obj("status")
                .string("token"))
        .isNotEmpty();
    assertThatThrownBy(() -> token("{'spec':{}}"))
        .hasMessageContaining("node requested token not bound to a pod");
    assertThatThrownBy(() -> token("{'spec':{'boundObjectRef':{'kind':'Pod','name':'on-n1'}}}"))
        .hasMessageContaining("node requested token with a pod binding without a uid");
    assertThatThrownBy(
            () -> token("{'spec':{'boundObjectRef':{'kind':'Pod','name':'on-n2','uid':'u'}}}"))
        .hasMessageContaining("node requested token bound to a pod scheduled on a different node");
  }

  private Obj token(String request) {
    return node.create(
        GroupResource.SERVICE_ACCOUNTS, key("web"), "token", json(request), WriteOptions.DEFAULT);
  }
}
