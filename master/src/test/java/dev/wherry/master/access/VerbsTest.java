package dev.wherry.master.access;

import static dev.wherry.api.object.GroupResource.CONFIG_MAPS;
import static dev.wherry.api.object.GroupResource.DEPLOYMENTS;
import static dev.wherry.api.object.GroupResource.LEASES;
import static dev.wherry.api.object.GroupResource.NAMESPACES;
import static dev.wherry.api.object.GroupResource.PODS;
import static dev.wherry.master.access.TestCluster.configMap;
import static dev.wherry.master.access.TestCluster.deployment;
import static dev.wherry.master.access.TestCluster.json;
import static dev.wherry.master.access.TestCluster.key;
import static dev.wherry.master.access.TestCluster.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.DeleteOptions.Propagation;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.Warnings;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.registry.WriteOptions.FieldValidation;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerbsTest {
  private static final WriteOptions DRY_RUN =
      new WriteOptions("", true, FieldValidation.IGNORE, false);

  private final TestCluster cluster = new TestCluster();
  private final ObjectAccess objects = cluster.objects;

  @AfterEach
  void close() throws Exception {
    cluster.close();
  }

  private static void fails(Reason reason, String message, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            StatusException.class, e -> assertThat(e.reason()).isEqualTo(reason))
        .hasMessageContaining(message);
  }

  @Test
  void createsWithSystemFields() {
    Obj made = objects.create(CONFIG_MAPS, configMap("a"));
    Meta meta = Meta.of(made);
    assertThat(meta.uid()).hasSize(36);
    assertThat(meta.creationTimestamp()).contains(cluster.now);
    assertThat(Long.parseLong(meta.resourceVersion())).isPositive();
    assertThat(cluster.get(CONFIG_MAPS, "a")).isEqualTo(made);
  }

  @Test
  void refusesToCreateTwice() {
    objects.create(CONFIG_MAPS, configMap("a"));
    fails(
        Reason.ALREADY_EXISTS,
        "configmaps \"a\" already exists",
        () -> objects.create(CONFIG_MAPS, configMap("a")));
  }

  @Test
  void generatesNames() {
    Obj unnamed =
        configMap("x").change("metadata", m -> m.without("name").with("generateName", "gen-"));
    assertThat(Meta.of(objects.create(CONFIG_MAPS, unnamed)).name()).matches("gen-[a-z0-9]{5}");
    Obj nameless = configMap("x").change("metadata", m -> m.without("name"));
    fails(
        Reason.INVALID,
        "metadata.name: Required value: name or generateName is required",
        () -> objects.create(CONFIG_MAPS, nameless));
  }

  @Test
  void refusesNamesThatDoNotMatchTheRequest() {
    fails(
        Reason.BAD_REQUEST,
        "the namespace of the provided object does not match the namespace sent on the request",
        () ->
            objects.create(
                CONFIG_MAPS, new ObjectKey("other", ""), "", configMap("a"), WriteOptions.DEFAULT));
    objects.create(CONFIG_MAPS, configMap("a"));
    fails(
        Reason.BAD_REQUEST,
        "the name of the object (a) does not match the name on the URL (b)",
        () -> objects.update(CONFIG_MAPS, key("b"), "", configMap("a"), WriteOptions.DEFAULT));
  }

  @Test
  void rejectsUpdateWhenResourceVersionIsStale() {
    Obj first = objects.create(CONFIG_MAPS, configMap("a"));
    objects.update(CONFIG_MAPS, first.withAt("2", "data", "a"));
    fails(
        Reason.CONFLICT,
        "the object has been modified",
        () -> objects.update(CONFIG_MAPS, first.withAt("3", "data", "a")));
    objects.update(CONFIG_MAPS, configMap("a").withAt("4", "data", "a"));
    assertThat(cluster.get(CONFIG_MAPS, "a").at("data").string("a")).isEqualTo("4");
  }

  @Test
  void unchangedUpdateWritesNothing() {
    Obj first = objects.create(DEPLOYMENTS, deployment("web"));
    Obj again = objects.update(DEPLOYMENTS, deployment("web"));
    assertThat(again).isEqualTo(first);
    assertThat(Meta.of(again).resourceVersion()).isEqualTo(Meta.of(first).resourceVersion());
  }

  @Test
  void generationCountsChangesOfTheSpec() {
    Obj made = objects.create(DEPLOYMENTS, deployment("web"));
    assertThat(Meta.of(made).generation()).isEqualTo(1);
    Obj status = objects.updateStatus(DEPLOYMENTS, made.withAt(1, "status", "replicas"));
    assertThat(Meta.of(status).generation()).isEqualTo(1);
    assertThat(status.obj("status").number("replicas", 0)).isEqualTo(1);
    Obj scaled = objects.update(DEPLOYMENTS, status.withAt(3, "spec", "replicas"));
    assertThat(Meta.of(scaled).generation()).isEqualTo(2);
  }

  @Test
  void statusUpdateLeavesTheSpecAndUpdateLeavesTheStatus() {
    Obj made = objects.create(DEPLOYMENTS, deployment("web"));
    Obj both = made.withAt(9, "spec", "replicas").withAt(5, "status", "replicas");
    Obj afterStatus = objects.updateStatus(DEPLOYMENTS, both);
    assertThat(afterStatus.obj("spec").number("replicas", 0)).isEqualTo(1);
    Obj afterUpdate =
        objects.update(
            DEPLOYMENTS, afterStatus.withAt(9, "spec", "replicas").withAt(7, "status", "replicas"));
    assertThat(afterUpdate.obj("status").number("replicas", 0)).isEqualTo(5);
    assertThat(afterUpdate.obj("spec").number("replicas", 0)).isEqualTo(9);
  }

  @Test
  void scalesThroughItsSubresource() {
    objects.create(DEPLOYMENTS, deployment("web"));
    Obj scale = objects.get(DEPLOYMENTS, key("web"), "scale");
    assertThat(scale.string("kind")).isEqualTo("Scale");
    assertThat(scale.obj("status").string("selector")).isEqualTo("app=web");
    Obj patched =
        objects.patch(
            DEPLOYMENTS,
            key("web"),
            "scale",
            new Patch(Patch.Kind.MERGE, json("{'spec':{'replicas':5}}")),
            WriteOptions.DEFAULT);
    assertThat(patched.obj("spec").number("replicas", 0)).isEqualTo(5);
    assertThat(cluster.get(DEPLOYMENTS, "web").obj("spec").number("replicas", 0)).isEqualTo(5);
    fails(
        Reason.INVALID,
        "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        () ->
            objects.update(
                DEPLOYMENTS,
                key("web"),
                "scale",
                scale
                    .withAt(-1, "spec", "replicas")
                    .change("metadata", m -> m.without("resourceVersion")),
                WriteOptions.DEFAULT));
  }

  @Test
  void patchesInThreeWays() {
    objects.create(DEPLOYMENTS, deployment("web"));
    patch(
        Patch.Kind.JSON,
        Json.readValue(
            "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":7}]"
                .getBytes(java.nio.charset.StandardCharsets.UTF_8),
            _ -> {}));
    assertThat(cluster.get(DEPLOYMENTS, "web").obj("spec").number("replicas", 0)).isEqualTo(7);
    patch(
        Patch.Kind.STRATEGIC,
        json("{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'hello:2'}]}}}}"));
    Obj container =
        cluster
            .get(DEPLOYMENTS, "web")
            .at("spec", "template", "spec")
            .objs("containers")
            .getFirst();
    assertThat(container.string("image")).isEqualTo("hello:2");
    assertThat(container.string("imagePullPolicy")).isEqualTo("IfNotPresent");
    patch(Patch.Kind.MERGE, json("{'metadata':{'annotations':{'a':'b'}}}"));
    assertThat(Meta.of(cluster.get(DEPLOYMENTS, "web")).annotations()).containsEntry("a", "b");
  }

  private void patch(Patch.Kind kind, Object body) {
    objects.patch(DEPLOYMENTS, key("web"), "", new Patch(kind, body), WriteOptions.DEFAULT);
  }

  @Test
  void dryRunWritesNothing() {
    Obj made = objects.create(CONFIG_MAPS, key("a"), "", configMap("a"), DRY_RUN);
    assertThat(Meta.of(made).uid()).isNotEmpty();
    fails(Reason.NOT_FOUND, "configmaps \"a\" not found", () -> cluster.get(CONFIG_MAPS, "a"));
    Obj real = objects.create(CONFIG_MAPS, configMap("a"));
    objects.update(CONFIG_MAPS, key("a"), "", real.withAt("2", "data", "a"), DRY_RUN);
    objects.delete(
        CONFIG_MAPS,
        key("a"),
        new DeleteOptions(OptionalLong.empty(), Optional.empty(), "", "", true));
    assertThat(cluster.get(CONFIG_MAPS, "a")).isEqualTo(real);
  }

  @Test
  void dealsWithUnknownFieldsAsAsked() {
    Obj odd = configMap("a").with("foo", 1);
    fails(
        Reason.BAD_REQUEST,
        "strict decoding error: unknown field \"foo\"",
        () ->
            objects.create(
                CONFIG_MAPS,
                key("a"),
                "",
                odd,
                new WriteOptions("", false, FieldValidation.STRICT, false)));
    List<String> warnings = new ArrayList<>();
    Obj made =
        Warnings.heardBy(
            warnings::add,
            () ->
                objects.create(
                    CONFIG_MAPS,
                    key("a"),
                    "",
                    odd,
                    new WriteOptions("", false, FieldValidation.WARN, false)));
    assertThat(warnings).containsExactly("unknown field \"foo\"");
    assertThat(made.has("foo")).isFalse();
  }

  @Test
  void tellsWhatOfAWriteHasNoEffect() {
    List<String> warnings = new ArrayList<>();
    Obj odd = pod("p").withAt(List.of(Obj.of("name", "")), "spec", "imagePullSecrets");
    String empty = "spec.imagePullSecrets[0].name: invalid empty name \"\"";
    Warnings.heardBy(warnings::add, () -> objects.create(PODS, odd));
    assertThat(warnings).containsExactly(empty);
    warnings.clear();
    Obj wrong = pod("q").withAt("a b", "spec", "hostname");
    fails(
        Reason.INVALID,
        "spec.hostname",
        () -> Warnings.heardBy(warnings::add, () -> objects.create(PODS, wrong)));
    assertThat(warnings).isEmpty();
  }

  @Test
  void deletesAtOnceWhatNothingHolds() {
    Obj made = objects.create(CONFIG_MAPS, configMap("a"));
    Obj gone = objects.delete(CONFIG_MAPS, key("a"), DeleteOptions.DEFAULT);
    assertThat(Meta.of(gone).uid()).isEqualTo(Meta.of(made).uid());
    fails(Reason.NOT_FOUND, "not found", () -> cluster.get(CONFIG_MAPS, "a"));
    fails(
        Reason.NOT_FOUND,
        "not found",
        () -> objects.delete(CONFIG_MAPS, key("a"), DeleteOptions.DEFAULT));
  }

  @Test
  void checksPreconditionsOfDelete() {
    objects.create(CONFIG_MAPS, configMap("a"));
    fails(
        Reason.CONFLICT,
        "Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does"
            + " not match the UID in record (",
        () -> objects.delete(CONFIG_MAPS, key("a"), DeleteOptions.DEFAULT.withUid("other")));
  }

  @Test
  void scheduledPodLingersForItsGrace() {
    objects.create(PODS, pod("p"));
    bind("p", "node-1");
    Obj lingering = objects.delete(PODS, key("p"), DeleteOptions.DEFAULT);
    assertThat(Meta.of(lingering).deletionTimestamp()).contains(cluster.now.plusSeconds(30));
    assertThat(lingering.obj("metadata").number("deletionGracePeriodSeconds", 0)).isEqualTo(30);
    Obj same = objects.delete(PODS, key("p"), DeleteOptions.DEFAULT);
    assertThat(same).isEqualTo(lingering);
    Obj shorter = objects.delete(PODS, key("p"), DeleteOptions.DEFAULT.withGracePeriodSeconds(5));
    assertThat(Meta.of(shorter).deletionTimestamp()).contains(cluster.now.plusSeconds(5));
    objects.delete(PODS, key("p"), DeleteOptions.DEFAULT.withGracePeriodSeconds(0));
    fails(Reason.NOT_FOUND, "not found", () -> cluster.get(PODS, "p"));
  }

  @Test
  void unscheduledPodGoesAtOnce() {
    objects.create(PODS, pod("p"));
    objects.delete(PODS, key("p"), DeleteOptions.DEFAULT);
    fails(Reason.NOT_FOUND, "not found", () -> cluster.get(PODS, "p"));
  }

  @Test
  void bindsAPodOnce() {
    objects.create(PODS, pod("p"));
    bind("p", "node-1");
    Obj bound = cluster.get(PODS, "p");
    assertThat(bound.obj("spec").string("nodeName")).isEqualTo("node-1");
    assertThat(bound.obj("status").objs("conditions").getFirst().string("type"))
        .isEqualTo("PodScheduled");
    fails(Reason.CONFLICT, "already assigned to node \"node-1\"", () -> bind("p", "node-2"));
  }

  private void bind(String pod, String node) {
    Obj binding = json("{'target':{'kind':'Node','name':'" + node + "'}}");
    objects.create(PODS, key(pod), "binding", binding, WriteOptions.DEFAULT);
  }

  @Test
  void finalizersHoldADeletedObject() {
    objects.create(
        CONFIG_MAPS, configMap("a").withAt(List.of("example.com/x"), "metadata", "finalizers"));
    Obj held = objects.delete(CONFIG_MAPS, key("a"), DeleteOptions.DEFAULT);
    assertThat(Meta.of(held).isTerminating()).isTrue();
    objects.update(CONFIG_MAPS, held.change("metadata", m -> m.without("finalizers")));
    fails(Reason.NOT_FOUND, "not found", () -> cluster.get(CONFIG_MAPS, "a"));
  }

  @Test
  void foregroundAndOrphanAreFinalizers() {
    objects.create(DEPLOYMENTS, deployment("a"));
    objects.create(DEPLOYMENTS, deployment("b"));
    assertThat(Meta.of(delete("a", Propagation.FOREGROUND)).finalizers())
        .containsExactly("foregroundDeletion");
    assertThat(Meta.of(delete("b", Propagation.ORPHAN)).finalizers()).containsExactly("orphan");
    assertThat(Meta.of(cluster.get(DEPLOYMENTS, "b")).isTerminating()).isTrue();
  }

  private Obj delete(String name, Propagation propagation) {
    return objects.delete(
        DEPLOYMENTS,
        key(name),
        new DeleteOptions(OptionalLong.empty(), Optional.of(propagation), "", "", false));
  }

  @Test
  void namespaceLingersUntilFinalized() {
    objects.create(NAMESPACES, json("{'metadata':{'name':'foo'}}"));
    Obj terminating = objects.delete(NAMESPACES, new ObjectKey("", "foo"), DeleteOptions.DEFAULT);
    assertThat(terminating.obj("status").string("phase")).isEqualTo("Terminating");
    fails(
        Reason.FORBIDDEN,
        "configmaps \"a\" is forbidden: unable to create new content in namespace foo because it"
            + " is being terminated",
        () -> objects.create(CONFIG_MAPS, configMap("a").withAt("foo", "metadata", "namespace")));
    objects.update(
        NAMESPACES,
        new ObjectKey("", "foo"),
        "finalize",
        terminating.withAt(List.of(), "spec", "finalizers"),
        WriteOptions.DEFAULT);
    fails(
        Reason.NOT_FOUND,
        "namespaces \"foo\" not found",
        () -> objects.get(NAMESPACES, new ObjectKey("", "foo")));
  }

  @Test
  void refusesAnUnknownNamespaceAndTheDeletionOfTheDefault() {
    fails(
        Reason.NOT_FOUND,
        "namespaces \"nope\" not found",
        () -> objects.create(CONFIG_MAPS, configMap("a").withAt("nope", "metadata", "namespace")));
    fails(
        Reason.FORBIDDEN,
        "this namespace may not be deleted",
        () -> objects.delete(NAMESPACES, new ObjectKey("", "default"), DeleteOptions.DEFAULT));
  }

  @Test
  void leaseIsCreatedByUpdateButNotUpdatedBlindly() {
    Obj lease =
        json("{'metadata':{'name':'l','namespace':'default','resourceVersion':''},'spec':{}}");
    fails(
        Reason.INVALID,
        "metadata.resourceVersion",
        () -> {
          objects.create(LEASES, lease);
          objects.update(LEASES, lease);
        });
  }

  @Test
  void deletesACollectionBySelector() {
    for (String name : List.of("a", "b", "c")) {
      objects.create(
          CONFIG_MAPS,
          configMap(name).withAt(name.equals("c") ? "x" : "y", "metadata", "labels", "l"));
    }
    List<Obj> deleted =
        objects.deleteCollection(
            CONFIG_MAPS,
            "default",
            ListOptions.ALL.withLabels(dev.wherry.api.select.LabelSelector.parse("l=y")),
            DeleteOptions.DEFAULT);
    assertThat(deleted).hasSize(2);
    assertThat(objects.list(CONFIG_MAPS, "default", ListOptions.ALL).items()).hasSize(1);
  }

  @Test
  void nodesDoOnlyWhatIsTheirs() {
    ObjectAccess node = cluster.entrance.as(Identity.node("n1"));
    fails(
        Reason.FORBIDDEN,
        "configmaps is forbidden: User \"system:node:n1\" cannot list resource \"configmaps\" in"
            + " API group \"\" in the namespace \"default\"",
        () -> node.list(CONFIG_MAPS, "default", ListOptions.ALL));
    assertThat(node.list(PODS, "", ListOptions.ALL.withFields("spec.nodeName=n1")).items())
        .isEmpty();
  }
}
