package dev.wherry.master.access;

import static dev.wherry.master.access.TestCluster.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Reviews that ask what somebody may do. */
class ReviewsTest {
  private static final String GROUP = "authorization.k8s.io";
  private final TestCluster cluster = new TestCluster();

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static Obj asked(ObjectAccess by, String resource, String namespace, String spec) {
    return by.create(
            new GroupResource(GROUP, resource),
            new ObjectKey(namespace, ""),
            "",
            json("{'spec':" + spec + "}"),
            WriteOptions.DEFAULT)
        .obj("status");
  }

  private Obj asked(String spec) {
    return asked(cluster.objects, "subjectaccessreviews", "", spec);
  }

  private static String aboutNode(String fieldSelector) {
    return "{'user':'system:node:a','groups':['system:nodes'],'resourceAttributes':"
        + "{'verb':'list','resource':'pods'"
        + fieldSelector
        + "}}";
  }

  @Test
  void selectorsNarrowWhatIsAskedFor() {
    Obj all = asked(aboutNode(""));
    assertThat(all.flag("allowed")).isFalse();
    assertThat(all.string("reason"))
        .isEqualTo("can only list/watch pods with spec.nodeName field selector");
    for (String own :
        List.of(
            "'rawSelector':'spec.nodeName=a,status.phase!=Failed'",
            "'requirements':[{'key':'spec.nodeName','operator':'In','values':['a']}]")) {
      assertThat(asked(aboutNode(",'fieldSelector':{" + own + "}")).flag("allowed")).isTrue();
    }
    for (String other :
        List.of(
            "'rawSelector':'spec.nodeName=b'",
            "'rawSelector':'spec.nodeName!=a'",
            "'requirements':[{'key':'spec.nodeName','operator':'NotIn','values':['a']}]",
            "'requirements':[{'key':'spec.nodeName','operator':'In','values':['a','b']}]")) {
      assertThat(asked(aboutNode(",'fieldSelector':{" + other + "}")).flag("allowed")).isFalse();
    }
  }

  @Test
  void saysWhichSelectorsItCannotUse() {
    assertThat(
            asked(
                    aboutNode(
                        ",'fieldSelector':{'requirements':[{'key':'a','operator':'Exists'}]},"
                            + "'labelSelector':{'rawSelector':'=x'}"))
                .string("evaluationError"))
        .isEqualTo(
            "spec.resourceAttributes.fieldSelector ignored due to parse error;"
                + " spec.resourceAttributes.labelSelector ignored due to parse error");
    assertThat(
            asked(aboutNode(",'fieldSelector':{'rawSelector':'spec.nodeName=a,odd'}"))
                .string("evaluationError"))
        .isEqualTo("spec.resourceAttributes.fieldSelector partially ignored due to parse error");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          subjectaccessreviews | {'resourceAttributes':{'verb':'get'}} | spec.user: Invalid value: "": at least one of user or group must be specified
          selfsubjectaccessreviews | {} | exactly one of nonResourceAttributes or resourceAttributes must be specified
          selfsubjectaccessreviews | {'resourceAttributes':{},'nonResourceAttributes':{}} | spec.nonResourceAttributes: Invalid value: {}: cannot be specified in combination with resourceAttributes
          selfsubjectaccessreviews | {'resourceAttributes':{'labelSelector':{}}} | spec.resourceAttributes.labelSelector.requirements: Required value: when spec.resourceAttributes.labelSelector is specified, requirements or rawSelector is required
          selfsubjectaccessreviews | {'resourceAttributes':{'fieldSelector':{'rawSelector':'a=b','requirements':[{'key':'a','operator':'In'}]}}} | spec.resourceAttributes.fieldSelector.rawSelector: Invalid value: "a=b": may not specified at the same time as requirements
          selfsubjectaccessreviews | {'resourceAttributes':{'fieldSelector':{'requirements':[{'key':'a','operator':'In'}]}}} | spec.resourceAttributes.fieldSelector.requirements[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'
          selfsubjectaccessreviews | {'resourceAttributes':{'labelSelector':{'requirements':[{'operator':'Near'}]}}} | spec.resourceAttributes.labelSelector.requirements[0].operator: Invalid value: "Near": not a valid selector operator
          localsubjectaccessreviews | {'user':'u','resourceAttributes':{'namespace':'other','verb':'get'}} | spec.resourceAttributes.namespace must match namespace: default
          localsubjectaccessreviews | {'user':'u','nonResourceAttributes':{'path':'/','verb':'get'}} | spec.nonResourceAttributes: Invalid value: {"path":"/","verb":"get"}: disallowed on this kind of request
          """)
  void saysWhatMakesNoSense(String resource, String spec, String complaint) {
    String namespace = resource.startsWith("local") ? "default" : "";
    assertThatThrownBy(() -> asked(cluster.objects, resource, namespace, spec))
        .isInstanceOf(StatusException.class)
        .hasMessageContaining(complaint);
  }

  @Test
  void namesTheRolesThatAreMissing() {
    cluster.objects.create(
        RoleIndex.CLUSTER_ROLE_BINDINGS,
        json(
            "{'metadata':{'name':'b'},'roleRef':{'kind':'ClusterRole','name':'nowhere'},"
                + "'subjects':[{'kind':'User','name':'ann'}]}"));
    String missing = "clusterrole.rbac.authorization.k8s.io \"nowhere\" not found";
    String question = "{'user':'ann','resourceAttributes':{'verb':'get','resource':'pods'}}";
    long end = System.nanoTime() + 60_000_000_000L;
    while (!asked(question).string("reason").equals("RBAC: " + missing)) {
      assertThat(System.nanoTime()).isLessThan(end); // the watch of roles is on its way
    }
    Obj rules =
        asked(
            cluster.entrance.as(new Identity("ann", List.of("system:masters"))),
            "selfsubjectrulesreviews",
            "",
            "{'namespace':'default'}");
    assertThat(rules.string("evaluationError")).isEqualTo(missing);
  }

  @Test
  void aNodeListsItsOwnPodsAlone() {
    ObjectAccess node = cluster.entrance.as(Identity.node("a"));
    var all = dev.wherry.master.registry.ListOptions.ALL;
    assertThatThrownBy(() -> node.list(GroupResource.PODS, "", all))
        .hasMessageContaining("can only list/watch pods with spec.nodeName field selector");
    assertThat(node.list(GroupResource.PODS, "", all.withFields("spec.nodeName=a")).items())
        .isEmpty();
  }
}
