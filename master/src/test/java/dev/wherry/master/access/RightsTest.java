package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RightsTest {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Identity ANN = new Identity("ann", List.of("system:authenticated"));
  private final TestCluster cluster = new TestCluster();

  RightsTest() {
    InitialRoles.ensure(cluster.objects);
  }

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static void await(BooleanSupplier condition) {
    Instant end = Instant.now().plus(DEADLINE);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as("deadline").isBefore(end);
      Thread.onSpinWait();
    }
  }

  private void grant(String role, String user) {
    cluster.objects.create(
        RoleIndex.ROLE_BINDINGS,
        TestCluster.json(
            "{'metadata':{'name':'%s-%s','namespace':'default'},'roleRef':{'kind':'ClusterRole','name':'%s'},'subjects':[{'kind':'User','name':'%s'}]}"
                .formatted(role.replace(':', '-'), user, role, user)));
  }

  private Obj review(Identity identity, String resource, String json) {
    return cluster
        .entrance
        .as(identity)
        .create(
            new GroupResource("authorization.k8s.io", resource),
            new ObjectKey("default", ""),
            "",
            TestCluster.json(json),
            WriteOptions.DEFAULT);
  }

  private boolean can(Identity identity, String verb, String resource) {
    return review(
            identity,
            "selfsubjectaccessreviews",
            "{'spec':{'resourceAttributes':{'verb':'%s','resource':'%s','namespace':'default'}}}"
                .formatted(verb, resource))
        .obj("status")
        .flag("allowed");
  }

  @Test
  void whoHasNoRoleMayDoNothing() {
    assertThatThrownBy(() -> cluster.entrance.as(ANN).get(GroupResource.PODS, TestCluster.key("p")))
        .hasMessage(
            "pods \"p\" is forbidden: User \"ann\" cannot get resource \"pods\" in API group \"\""
                + " in the namespace \"default\"");
    assertThatThrownBy(
            () -> cluster.entrance.as(ANN).list(GroupResource.NODES, "", ListOptions.ALL))
        .hasMessageContaining("at the cluster scope");
  }

  @Test
  void whoHasARoleMayDoWhatItSays() {
    grant("system:aggregate-to-view", "ann");
    await(() -> can(ANN, "list", "pods"));
    assertThat(can(ANN, "delete", "pods")).isFalse();
    assertThat(can(ANN, "get", "secrets")).isFalse();
    assertThat(
            cluster.entrance.as(ANN).list(GroupResource.PODS, "default", ListOptions.ALL).items())
        .isEmpty();
  }

  @Test
  void nobodyGrantsWhatTheyDoNotHold() {
    grant("system:aggregate-to-admin", "ann");
    await(() -> can(ANN, "create", "roles.rbac.authorization.k8s.io") || canRoles());
    ObjectAccess ann = cluster.entrance.as(ANN);
    Obj role =
        TestCluster.json(
            "{'metadata':{'name':'r','namespace':'default'},'rules':[{'verbs':['get'],'apiGroups':[''],'resources':['secrets']}]}");
    assertThatThrownBy(() -> ann.create(RoleIndex.ROLES, role))
        .hasMessageContaining("is attempting to grant RBAC permissions not currently held:")
        .hasMessageContaining("{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\"]}");
    Obj binding =
        TestCluster.json(
            "{'metadata':{'name':'b','namespace':'default'},'roleRef':{'kind':'ClusterRole','name':'cluster-admin'},'subjects':[{'kind':'User','name':'ann'}]}");
    assertThatThrownBy(() -> ann.create(RoleIndex.ROLE_BINDINGS, binding))
        .hasMessageContaining("not currently held");
    Obj own =
        role.with(
            "rules",
            List.of(
                TestCluster.json(
                    "{'verbs':['get'],'apiGroups':['rbac.authorization.k8s.io'],'resources':['roles']}")));
    assertThat(ann.create(RoleIndex.ROLES, own).obj("metadata").string("name")).isEqualTo("r");
  }

  @Test
  void whoMayBindOrEscalateARoleNeedsNotHoldIt() {
    grant("system:aggregate-to-admin", "ann");
    role(
        "binds",
        "'verbs':['bind'],'resources':['clusterroles'],'resourceNames':['system:aggregate-to-edit']");
    role("escalates", "'verbs':['escalate'],'resources':['roles'],'resourceNames':['mine']");
    await(() -> can(ANN, "create", "roles.rbac.authorization.k8s.io") || canRoles());
    ObjectAccess ann = cluster.entrance.as(ANN);
    await(
        () ->
            succeeds(
                () ->
                    ann.create(RoleIndex.ROLE_BINDINGS, binding("a", "system:aggregate-to-edit"))));
    assertThatThrownBy(() -> ann.create(RoleIndex.ROLE_BINDINGS, binding("b", "cluster-admin")))
        .hasMessageContaining("is attempting to grant RBAC permissions not currently held:");
    assertThatThrownBy(() -> ann.create(RoleIndex.ROLE_BINDINGS, binding("c", "none")))
        .hasMessage("clusterroles.rbac.authorization.k8s.io \"none\" not found");
    String all = "'verbs':['*'],'apiGroups':['*'],'resources':['*']";
    await(() -> succeeds(() -> ann.create(RoleIndex.ROLES, written("mine", all))));
    assertThatThrownBy(() -> ann.create(RoleIndex.ROLES, written("yours", all)))
        .hasMessageContaining("is attempting to grant RBAC permissions not currently held:");
  }

  /** A role in the default namespace over roles, which ann has. */
  private void role(String name, String rule) {
    String rules = "'apiGroups':['rbac.authorization.k8s.io']," + rule;
    cluster.objects.create(RoleIndex.ROLES, written(name, rules));
    cluster.objects.create(
        RoleIndex.ROLE_BINDINGS, binding("b-" + name, name).withAt("Role", "roleRef", "kind"));
  }

  private static Obj written(String name, String rule) {
    return TestCluster.json(
        "{'metadata':{'name':'%s','namespace':'default'},'rules':[{%s}]}".formatted(name, rule));
  }

  private static Obj binding(String name, String clusterRole) {
    return TestCluster.json(
        "{'metadata':{'name':'%s','namespace':'default'},'roleRef':{'kind':'ClusterRole','name':'%s'},'subjects':[{'kind':'User','name':'ann'}]}"
            .formatted(name, clusterRole));
  }

  /** Roles are watched: a new one counts soon. */
  private static boolean succeeds(Runnable call) {
    try {
      call.run();
      return true;
    } catch (StatusException e) {
      assertThat(e.reason()).isEqualTo(Reason.FORBIDDEN);
      return false;
    }
  }

  @Test
  void whoMayReadOneNameListsAndWatchesThatOneAlone() throws Exception {
    cluster.objects.create(
        RoleIndex.ROLES,
        written(
            "mine",
            "'verbs':['get','list','watch'],'apiGroups':[''],'resources':['configmaps'],'resourceNames':['mine']"));
    cluster.objects.create(
        RoleIndex.ROLE_BINDINGS, binding("mine", "mine").withAt("Role", "roleRef", "kind"));
    cluster.objects.create(CONFIG_MAPS, TestCluster.configMap("mine"));
    ObjectAccess ann = cluster.entrance.as(ANN);
    await(() -> succeeds(() -> ann.get(CONFIG_MAPS, TestCluster.key("mine"))));
    ListOptions mine = ListOptions.ALL.withFields("metadata.name=mine");
    assertThat(ann.list(CONFIG_MAPS, "default", mine).items()).hasSize(1);
    ann.watch(CONFIG_MAPS, "default", mine, _ -> {}).close();
    for (String fields : List.of("", "metadata.name=other", "metadata.name!=mine")) {
      ListOptions others = ListOptions.ALL.withFields(fields);
      assertThatThrownBy(() -> ann.list(CONFIG_MAPS, "default", others))
          .hasMessageContaining("User \"ann\" cannot list resource \"configmaps\"");
      assertThatThrownBy(() -> ann.watch(CONFIG_MAPS, "default", others, _ -> {}))
          .hasMessageContaining("User \"ann\" cannot watch resource \"configmaps\"");
    }
  }

  @Test
  void whoMayCreateOneNameAppliesThatOneAlone() {
    cluster.objects.create(
        RoleIndex.ROLES,
        TestCluster.json(
            "{'metadata':{'name':'one','namespace':'default'},'rules':[{'verbs':['create','patch'],'apiGroups':[''],'resources':['configmaps'],'resourceNames':['mine']},{'verbs':['patch'],'apiGroups':[''],'resources':['configmaps']}]}"));
    cluster.objects.create(
        RoleIndex.ROLE_BINDINGS,
        TestCluster.json(
            "{'metadata':{'name':'one','namespace':'default'},'roleRef':{'kind':'Role','name':'one'},'subjects':[{'kind':'User','name':'ann'}]}"));
    await(() -> can(ANN, "patch", "configmaps"));
    assertThat(applied("mine")).isEqualTo("mine");
    assertThatThrownBy(() -> applied("other"))
        .hasMessageContaining("User \"ann\" cannot create resource \"configmaps\"");
    assertThatThrownBy(
            () -> cluster.entrance.as(ANN).create(CONFIG_MAPS, TestCluster.configMap("mine")))
        .hasMessageContaining("User \"ann\" cannot create resource \"configmaps\"");
  }

  private String applied(String name) {
    return cluster
        .entrance
        .as(ANN)
        .patch(
            CONFIG_MAPS,
            TestCluster.key(name),
            "",
            new Patch(Patch.Kind.APPLY, TestCluster.configMap(name)),
            new WriteOptions("ann", false, WriteOptions.FieldValidation.STRICT, false))
        .obj("metadata")
        .string("name");
  }

  private boolean canRoles() {
    return review(
            ANN,
            "selfsubjectaccessreviews",
            "{'spec':{'resourceAttributes':{'verb':'create','group':'rbac.authorization.k8s.io','resource':'roles','namespace':'default'}}}")
        .obj("status")
        .flag("allowed");
  }

  @Test
  void impersonationNeedsLeave() {
    Impersonation bob = new Impersonation("bob", "", List.of("devs"), Map.of());
    assertThatThrownBy(() -> cluster.entrance.impersonated(ANN, bob))
        .hasMessage(
            "users \"bob\" is forbidden: User \"ann\" cannot impersonate resource \"users\" in API"
                + " group \"\" at the cluster scope");
    Identity taken = cluster.entrance.impersonated(Identity.MASTER, bob);
    assertThat(taken.name()).isEqualTo("bob");
    assertThat(taken.groups()).containsExactly("devs", "system:authenticated");
    Identity account =
        cluster.entrance.impersonated(
            Identity.MASTER,
            new Impersonation("system:serviceaccount:a:b", "", List.of(), Map.of()));
    assertThat(account.groups())
        .containsExactly(
            "system:serviceaccounts", "system:serviceaccounts:a", "system:authenticated");
  }

  @Test
  void listsRulesAndSaysWhoAsks() {
    grant("system:aggregate-to-view", "ann");
    await(() -> can(ANN, "list", "pods"));
    Obj rules =
        review(ANN, "selfsubjectrulesreviews", "{'spec':{'namespace':'default'}}").obj("status");
    assertThat(rules.objs("resourceRules")).isNotEmpty();
    assertThat(rules.objs("nonResourceRules")).isNotEmpty();
    Obj who =
        cluster
            .entrance
            .as(ANN)
            .create(
                new GroupResource("authentication.k8s.io", "selfsubjectreviews"),
                new ObjectKey("", ""),
                "",
                Obj.EMPTY,
                WriteOptions.DEFAULT);
    assertThat(who.obj("status").obj("userInfo").string("username")).isEqualTo("ann");
  }

  @Test
  void nodesReadWhatTheirPodsUse() {
    Obj pod =
        TestCluster.pod("p")
            .change(
                "spec",
                spec ->
                    spec.with("nodeName", "n1")
                        .with(
                            "volumes",
                            List.of(TestCluster.json("{'name':'v','secret':{'secretName':'s'}}"))));
    cluster.objects.create(GroupResource.PODS, pod);
    for (String name : List.of("s", "t")) {
      cluster.objects.create(
          GroupResource.SECRETS,
          TestCluster.json("{'metadata':{'name':'%s','namespace':'default'}}".formatted(name)));
    }
    ObjectAccess node = cluster.entrance.as(Identity.node("n1"));
    ObjectAccess other = cluster.entrance.as(Identity.node("n2"));
    assertThat(node.get(GroupResource.SECRETS, TestCluster.key("s"))).isNotNull();
    assertThatThrownBy(() -> node.get(GroupResource.SECRETS, TestCluster.key("t")))
        .hasMessageContaining("no relationship found between node 'n1' and this object");
    assertThatThrownBy(() -> other.get(GroupResource.SECRETS, TestCluster.key("s")))
        .hasMessageContaining("no relationship found");
    assertThatThrownBy(() -> node.list(GroupResource.PODS, "", ListOptions.ALL))
        .hasMessageContaining("spec.nodeName");
    assertThat(
            node.list(GroupResource.PODS, "", ListOptions.ALL.withFields("spec.nodeName=n1"))
                .items())
        .hasSize(1);
    assertThatThrownBy(
            () -> node.create(GroupResource.NODES, TestCluster.json("{'metadata':{'name':'n2'}}")))
        .hasMessageContaining("node \"n1\" is not allowed to modify node \"n2\"");
  }

  @Test
  void podsGetTheirAccountsToken() {
    Obj spec = cluster.objects.create(GroupResource.PODS, TestCluster.pod("p")).obj("spec");
    Obj volume = spec.objs("volumes").getFirst();
    assertThat(volume.string("name")).matches("kube-api-access-[a-z0-9]{5}");
    assertThat(volume.obj("projected").objs("sources")).hasSize(3);
    assertThat(
            spec.objs("containers").getFirst().objs("volumeMounts").getFirst().string("mountPath"))
        .isEqualTo("/var/run/secrets/kubernetes.io/serviceaccount");
    Obj without = TestCluster.pod("q").withAt(false, "spec", "automountServiceAccountToken");
    assertThat(cluster.objects.create(GroupResource.PODS, without).obj("spec").list("volumes"))
        .isEmpty();
    Obj unknown = TestCluster.pod("r").withAt("nobody", "spec", "serviceAccountName");
    assertThatThrownBy(() -> cluster.objects.create(GroupResource.PODS, unknown))
        .hasMessage(
            "pods \"r\" is forbidden: error looking up service account default/nobody:"
                + " serviceaccount \"nobody\" not found");
  }
}
