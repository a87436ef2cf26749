package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.api.object.GroupResource.DEPLOYMENTS;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.deployment;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.registry.WriteOptions.FieldValidation;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
        .hasMessage("Apply failed with 1 conflict: conflict with \"one\": .data.a");
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
    Obj bare =
        objects.update(CONFIG_MAPS, made.withAt(List.of(Obj.EMPTY), "metadata", "managedFields"));
    assertThat(bare.obj("metadata").has("managedFields")).isFalse();
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
           'env':[{'name':'A','value':'1'},{'name':'B','value':'2'}]}]}}}}\
        """;
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
  void writesOfTheControlPlaneAreItsPartsOwn() {
    ObjectAccess deployer = cluster.entrance.as(Identity.controller("deployment-controller"));
    deployer.create(DEPLOYMENTS, deployment("web"));
    Obj scale = json("{'spec':{'replicas':5}}");
    ObjectAccess scaler = cluster.entrance.as(Identity.controller("horizontal-pod-autoscaler"));
    scaler.patch(
        DEPLOYMENTS, key("web"), "scale", new Patch(Patch.Kind.MERGE, scale), WriteOptions.DEFAULT);
    assertThatThrownBy(
            () ->
                apply(
                    DEPLOYMENTS,
                    "web",
                    "{'metadata':{'name':'web'},'spec':{'replicas':2}}",
                    as("one")))
        .hasMessageContaining(
            "conflict with \"kube-controller-manager\" with subresource \"scale\" using apps/v1:"
                + " .spec.replicas");
    Obj now = cluster.get(DEPLOYMENTS, "web");
    deployer.updateStatus(DEPLOYMENTS, now.withAt(1, "status", "replicas"));
    assertThatThrownBy(
            () ->
                objects.patch(
                    DEPLOYMENTS,
                    key("web"),
                    "status",
                    new Patch(
                        Patch.Kind.APPLY,
                        json(
                            "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'status':{'replicas':2}}")),
                    as("one")))
        .hasMessageContaining(
            "conflict with \"kube-controller-manager\" with subresource \"status\" using apps/v1:"
                + " .status.replicas");
  }

  @Test
  void nodesAndTheSchedulerHaveTheirNames() {
    ObjectAccess node = cluster.entrance.as(Identity.node("n1"));
    Obj made =
        node.create(
            GroupResource.NODES,
            json(
                "{'apiVersion':'v1','kind':'Node','metadata':{'name':'n1'},'spec':{'unschedulable':true}}"));
    node.updateStatus(
        GroupResource.NODES,
        made.withAt("fine", "metadata", "labels", "no")
            .withAt(List.of(json("{'type':'Ready','status':'True'}")), "status", "conditions"));
    Obj now = objects.get(GroupResource.NODES, new ObjectKey("", "n1"));
    Obj last = now.obj("metadata").objs("managedFields").getLast();
    assertThat(last.string("manager")).isEqualTo("kubelet");
    assertThat(last.string("subresource")).isEqualTo("status");
    objects.create(GroupResource.PODS, pod("p"));
    cluster
        .entrance
        .as(Identity.scheduler())
        .patch(
            GroupResource.PODS,
            key("p"),
            "status",
            new Patch(
                Patch.Kind.MERGE,
                json("{'status':{'conditions':[{'type':'PodScheduled','status':'False'}]}}")),
            WriteOptions.DEFAULT);
    Obj pod = cluster.get(GroupResource.PODS, "p");
    assertThat(pod.obj("metadata").objs("managedFields"))
        .extracting(each -> each.string("manager") + " " + each.string("subresource"))
        .containsExactly("kube-apiserver ", "kube-scheduler status");
    assertThat(pod.obj("metadata").objs("managedFields").getLast().obj("fieldsV1").toString())
        .isEqualTo(
            "{\"f:status\":{\"f:conditions\":{\".\":{},\"k:{\\\"type\\\":\\\"PodScheduled\\\"}\":"
                + "{\".\":{},\"f:status\":{},\"f:type\":{}}}}}");
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
    Obj entry = after.obj("metadata").objs("managedFields").get(managers(after).indexOf("scaler"));
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
        .hasMessageContaining(
            "failed to create typed patch object (default/m; v1, Kind=ConfigMap): .foo: field not"
                + " declared in schema");
  }

  private Obj update(String manager, Obj object) {
    return objects.update(CONFIG_MAPS, key("m"), "", object, as(manager));
  }

  @Test
  void whatAClientMakesIsItsFromTheStart() {
    Obj made = objects.create(CONFIG_MAPS, key("m"), "", configMap("m"), as("kubectl-create"));
    assertThat(fields(made, 0)).isEqualTo("{\"f:data\":{\".\":{},\"f:a\":{}}}");
    assertThatThrownBy(() -> map("one", "{'a':'2','b':'1'}"))
        .hasMessage(
            "Apply failed with 1 conflict: conflict with \"kubectl-create\" using v1: .data.a");
    Obj changed = update("editor", made.with("data", json("{'a':'1','b':'1','c':'1'}")));
    assertThat(fields(changed, managers(changed).indexOf("editor")))
        .isEqualTo("{\"f:data\":{\"f:b\":{},\"f:c\":{}}}");
    assertThatThrownBy(() -> map("one", "{'a':'2','b':'2','c':'2'}"))
        .hasMessage(
            """
            Apply failed with 3 conflicts: conflicts with "editor" using v1:
            - .data.b
            - .data.c
            conflicts with "kubectl-create" using v1:
            - .data.a\
            """);
  }

  @Test
  void clientsMaySetTheEntriesAndTakeThemOff() {
    Obj made = objects.create(CONFIG_MAPS, key("m"), "", configMap("m"), as("first"));
    Obj renamed =
        made.change(
            "metadata",
            metadata ->
                metadata.with(
                    "managedFields",
                    List.of(metadata.objs("managedFields").getFirst().with("manager", "other"))));
    Obj after = update("second", renamed);
    assertThat(managers(after)).containsExactly("other");
    Obj silent =
        update("second", after.change("metadata", metadata -> metadata.without("managedFields")));
    assertThat(managers(silent)).containsExactly("other");
    Obj bare =
        objects.patch(
            CONFIG_MAPS,
            key("m"),
            "",
            new Patch(Patch.Kind.MERGE, json("{'metadata':{'managedFields':[{}]}}")),
            as("second"));
    assertThat(bare.obj("metadata").has("managedFields")).isFalse();
  }

  private static List<String> managers(Obj object) {
    return object.obj("metadata").objs("managedFields").stream()
        .map(entry -> entry.string("manager"))
        .toList();
  }

  @Test
  void theOldestOfManyUpdatersAreOne() {
    Obj map = objects.create(CONFIG_MAPS, key("m"), "", configMap("m"), as("m0"));
    for (int i = 1; i <= 14; i++) {
      map = update("m" + i, map.withAt("1", "data", "k" + i));
    }
    assertThat(managers(map)).hasSize(10).contains("ancient-changes", "m14");
    assertThat(fields(map, managers(map).indexOf("ancient-changes"))).contains("f:a");
  }

  @Test
  void kubectlGoesOverFromItsOwnSideWithoutConflict() {
    String annotation = "kubectl.kubernetes.io/last-applied-configuration";
    Obj map =
        configMap("m")
            .withAt(
                "{\"apiVersion\":\"v1\",\"data\":{\"a\":\"1\"}}",
                "metadata",
                "annotations",
                annotation);
    objects.create(CONFIG_MAPS, key("m"), "", map, as("kubectl-client-side-apply"));
    assertThatThrownBy(() -> map("one", "{'a':'2'}"))
        .hasMessageContaining("\"kubectl-client-side-apply\" using v1: .data.a");
    Obj applied = map("kubectl", "{'a':'2'}");
    assertThat(applied.obj("data")).isEqualTo(json("{'a':'2'}"));
    assertThat(applied.at("metadata", "annotations").string(annotation))
        .isEqualTo(
            "{\"metadata\":{\"name\":\"m\"},\"data\":{\"a\":\"2\"},\"apiVersion\":\"v1\"}\n");
    update("editor", applied.withAt("9", "data", "a"));
    assertThatThrownBy(() -> map("kubectl", "{'a':'3'}"))
        .hasMessageContaining("conflict with \"editor\" using v1: .data.a");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          [{'name':'c','image':'i'},{'name':'c','image':'j'}] | .spec.template.spec.containers: duplicate entries for key [name="c"]
          [{'image':'i'}] | .spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)
          [{'name':'c','image':'i','env':[{'name':'A'},{'name':'A'}]}] | .spec.template.spec.containers[name="c"].env: duplicate entries for key [name="A"]
          [{'name':'c','image':'i','ports':[{'containerPort':80},{'containerPort':80,'protocol':'TCP'}]}] | .spec.template.spec.containers[name="c"].ports: duplicate entries for key [containerPort=80,protocol="TCP"]
          """)
  void refusesListsThatCannotBeMerged(String containers, String flaw) {
    String config =
        "{'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{'template':{'spec':{'containers':"
            + containers
            + "}}}}";
    assertThatThrownBy(() -> apply(DEPLOYMENTS, "web", config, as("kubectl")))
        .hasMessage("failed to create typed patch object (web; apps/v1, Kind=Deployment): " + flaw);
  }

  @Test
  void setsUniteAndAtomicListsAreReplaced() {
    String one = "{'metadata':{'name':'m','finalizers':['a/b']},'data':{'a':'1'}}";
    apply(CONFIG_MAPS, "m", one, as("one"));
    Obj both = apply(CONFIG_MAPS, "m", "{'metadata':{'name':'m','finalizers':['c/d']}}", as("two"));
    assertThat(Meta.of(both).finalizers()).containsExactly("a/b", "c/d");
    Obj less = apply(CONFIG_MAPS, "m", "{'metadata':{'name':'m'},'data':{'a':'1'}}", as("one"));
    assertThat(Meta.of(less).finalizers()).containsExactly("c/d");
    String args =
        """
        {'apiVersion':'apps/v1','kind':'Deployment','metadata':{'name':'web'},'spec':{
         'selector':{'matchLabels':{'app':'web'}},'template':{'metadata':{'labels':{'app':'web'}},
         'spec':{'containers':[{'name':'c','image':'i:1','args':%s}]}}}}\
        """;
    apply(DEPLOYMENTS, "web", args.formatted("['a','b']"), as("one"));
    assertThatThrownBy(() -> apply(DEPLOYMENTS, "web", args.formatted("['a']"), as("two")))
        .hasMessage(
            "Apply failed with 1 conflict: conflict with \"one\":"
                + " .spec.template.spec.containers[name=\"c\"].args");
  }
}
