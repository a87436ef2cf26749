package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.api.object.GroupResource.DEPLOYMENTS;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.deployment;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.registry.WriteOptions.FieldValidation;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Server-side apply. */
class ApplyTest {
  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static WriteOptions as(String manager) {
    return new WriteOptions(manager, false, FieldValidation.STRICT, false);
  }

  private Obj apply(GroupResource resource, String name, String config, WriteOptions options) {
    return objects.patch(
        resource, key(name), "", new Patch(Patch.Kind.APPLY, json(config)), options);
  }

  private Obj map(String manager, String data) {
    return apply(CONFIG_MAPS, "m", "{'metadata':{'name':'m'},'data':" + data + "}", as(manager));
  }

  private static String fields(Obj object, int entry) {
    return object.obj("metadata").objs("managedFields").get(entry).obj("fieldsV1").toString();
  }

  @Test
  void createsWhatIsNotThere() {
    Obj made = map("kubectl", "{'a':'1'}");
    assertThat(made.obj("data")).isEqualTo(json("{'a':'1'}"));
    Obj entry = made.obj("metadata").objs("managedFields").getFirst();
    assertThat(entry.without("fieldsV1"))
        .isEqualTo(
            json(
                "{'manager':'kubectl','operation':'Apply','apiVersion':'v1','time':'2026-01-01T00:00:00Z','fieldsType':'FieldsV1'}"));
    assertThat(fields(made, 0)).isEqualTo("{\"f:data\":{\"f:a\":{}}}");
  }

  @Test
  void applyingTheSameAgainWritesNothing() {
    Obj made = map("kubectl", "{'a':'1'}");
    assertThat(map("kubectl", "{'a':'1'}")).isEqualTo(made);
    map("other", "{'b':'1'}");
    Obj both = map("kubectl", "{'a':'1'}");
    assertThat(map("other", "{'b':'1'}")).isEqualTo(both);
  }

  @Test
  void whatIsNoLongerAppliedGoesUnlessSomebodyElseSetIt() {
    map("one", "{'a':'1','b':'1','c':'1'}");
    map("two", "{'b':'1'}");
    assertThat(map("one", "{'c':'1'}").obj("data")).isEqualTo(json("{'b':'1','c':'1'}"));
    assertThat(map("two", "{}").obj("data")).isEqualTo(json("{'c':'1'}"));
  }

  @Test
  void anotherValueIsAConflictUntilForced() {
    map("one", "{'a':'1','b':'1'}");
    assertThatThrownBy(() -> map("two", "{'a':'2'}"))
        .isInstanceOfSatisfying(
            StatusException.class,
            e -> {
              assertThat(e.reason()).isEqualTo(Reason.CONFLICT);
              assertThat(e.details().objs("causes").getFirst().string("field"))
                  .isEqualTo(".data.a");
            })
        .hasMessage("Apply failed with 1 conflict: conflict with \"one\" using v1: .data.a");
    Obj forced =
        apply(
            CONFIG_MAPS,
            "m",
            "{'metadata':{'name':'m'},'data':{'a':'2'}}",
            new WriteOptions("two", false, FieldValidation.STRICT, true));
    assertThat(forced.obj("data")).isEqualTo(json("{'a':'2','b':'1'}"));
    assertThat(fields(forced, 0)).isEqualTo("{\"f:data\":{\"f:b\":{}}}");
    assertThat(fields(forced, 1)).isEqualTo("{\"f:data\":{\"f:a\":{}}}");
  }

  @Test
  void updatesOfOthersTakeTheFieldsOver() {
    map("one", "{'a':'1','b':'1'}");
    objects.patch(
        CONFIG_MAPS,
        key("m"),
        "",
        new Patch(Patch.Kind.MERGE, json("{'data':{'a':'9'}}")),
        as("editor"));
    assertThatThrownBy(() -> map("one", "{'a':'1','b':'1'}"))
        .hasMessageContaining("conflict with \"editor\" using v1: .data.a");
    assertThat(map("one", "{'b':'1'}").obj("data")).isEqualTo(json("{'a':'9','b':'1'}"));
  }

  @Test
  void objectsFromBeforeAreSomebodysToo() {
    Obj made = objects.create(CONFIG_MAPS, configMap("m"));
    assertThat(made.obj("metadata").has("managedFields")).isFalse();
    assertThatThrownBy(() -> map("one", "{'a':'2'}"))
        .hasMessageContaining("conflict with \"before-first-apply\" using v1: .data.a");
    assertThat(map("one", "{'b':'1'}").obj("data")).isEqualTo(json("{'a':'1','b':'1'}"));
  }

  @Test
  void containersMergeByNameAndPortsByNumber() {
    String mine =
        """
        {'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},
         'spec':{'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web'}},
          'spec':{'containers':[{'name':'c','image':'hello:1','ports':[{'containerPort':80}],
           'env':[{'name':'A','value':'1'},{'name':'B','value':'2'}]}]}}}}""";
    Obj made = apply(DEPLOYMENTS, "web", mine, as("kubectl"));
    assertThat(fields(made, 0))
        .contains("\"k:{\\\"name\\\":\\\"c\\\"}\":{\".\":{}")
        .contains("\"k:{\\\"containerPort\\\":80,\\\"protocol\\\":\\\"TCP\\\"}\"");
    Obj sidecar =
        apply(
            DEPLOYMENTS,
            "web",
            "{'metadata':{'name':'web'},'spec':{'replicas':3,'template':{'spec':{'containers':[{'name':'side','image':'s:1'}]}}}}",
            new WriteOptions("mesh", false, FieldValidation.STRICT, true));
    assertThat(containers(sidecar)).containsExactly("c", "side");
    Obj less =
        apply(DEPLOYMENTS, "web", mine.replace("{'name':'A','value':'1'},", ""), as("kubectl"));
    assertThat(containers(less)).containsExactly("c", "side");
    Obj c = less.at("spec", "template", "spec").objs("containers").getFirst();
    assertThat(c.objs("env")).hasSize(1);
    assertThat(less.obj("spec").number("replicas", 0)).isEqualTo(3);
    assertThat(Meta.of(less).generation()).isEqualTo(3);
    assertThat(
            apply(DEPLOYMENTS, "web", mine.replace("{'name':'A','value':'1'},", ""), as("kubectl")))
        .isEqualTo(less);
  }

  private static List<String> containers(Obj deployment) {
    return deployment.at("spec", "template", "spec").objs("containers").stream()
        .map(each -> each.string("name"))
        .toList();
  }

  @Test
  void statusWritesOfControllersAreNoConflict() {
    objects.create(DEPLOYMENTS, deployment("web"));
    apply(DEPLOYMENTS, "web", "{'metadata':{'name':'web','labels':{'x':'y'}}}", as("kubectl"));
    Obj now = cluster.get(DEPLOYMENTS, "web");
    Obj after = objects.updateStatus(DEPLOYMENTS, now.withAt(1, "status", "replicas"));
    assertThat(after.obj("status").number("replicas", 0)).isEqualTo(1);
    assertThat(after.obj("metadata").objs("managedFields").getLast().string("subresource"))
        .isEqualTo("status");
    apply(DEPLOYMENTS, "web", "{'metadata':{'name':'web','labels':{'x':'z'}}}", as("kubectl"));
  }

  @Test
  void aScaleIsAppliedToTheReplicasOfItsObject() {
    objects.create(DEPLOYMENTS, deployment("web"));
    apply(DEPLOYMENTS, "web", "{'metadata':{'name':'web','labels':{'x':'y'}}}", as("kubectl"));
    Obj scale =
        objects.patch(
            DEPLOYMENTS,
            key("web"),
            "scale",
            new Patch(Patch.Kind.APPLY, json("{'metadata':{'name':'web'},'spec':{'replicas':4}}")),
            new WriteOptions("scaler", false, FieldValidation.STRICT, true));
    assertThat(scale.string("kind")).isEqualTo("Scale");
    assertThat(scale.obj("spec").number("replicas", 0)).isEqualTo(4);
    Obj after = cluster.get(DEPLOYMENTS, "web");
    Obj entry = after.obj("metadata").objs("managedFields").getLast();
    assertThat(entry.string("apiVersion")).isEqualTo("apps/v1");
    assertThat(entry.string("subresource")).isEqualTo("scale");
    assertThat(entry.obj("fieldsV1").toString()).isEqualTo("{\"f:spec\":{\"f:replicas\":{}}}");
  }

  @Test
  void asksForAManagerAndKnowsTheFields() {
    assertThatThrownBy(() -> map("", "{}"))
        .hasMessageContaining("fieldManager: Required value: is required for apply patch");
    assertThatThrownBy(
            () -> apply(CONFIG_MAPS, "m", "{'metadata':{'name':'m'},'foo':1}", as("kubectl")))
        .hasMessageContaining("unknown field \"foo\"");
  }
}
