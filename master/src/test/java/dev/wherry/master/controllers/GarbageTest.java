package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.reconcile.ServedResource;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the garbage collector makes of owners that it cannot find. */
class GarbageTest {
  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);

  @BeforeEach
  void start() {
    cluster.startControllers();
  }

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    timer.close();
  }

  private static Obj owned(String head, String apiVersion, String kind) {
    return Cluster.json(
        """
        {%s, 'ownerReferences': [{'apiVersion': '%s', 'kind': '%s', 'name': 'owner', 'uid': 'u'}]}}
        """
            .formatted(head, apiVersion, kind));
  }

  private static Obj configMap(String name, String apiVersion, String kind) {
    return owned(
        "'apiVersion': 'v1', 'kind': 'ConfigMap', 'metadata': {'name': '"
            + name
            + "', 'namespace': 'default'",
        apiVersion,
        kind);
  }

  @Test
  void deletesWhatAnAbsentOwnerLeftAndKeepsWhatAnUnknownKindOwns() {
    cluster.objects.create(
        GroupResource.CONFIG_MAPS, configMap("of-unknown", "example.com/v1", "Unheard"));
    cluster.objects.create(GroupResource.CONFIG_MAPS, configMap("of-absent", "v1", "Secret"));
    cluster.await(
        "the orphan goes",
        () -> cluster.find(GroupResource.CONFIG_MAPS, Cluster.key("of-absent")).isEmpty());
    assertThat(cluster.find(GroupResource.CONFIG_MAPS, Cluster.key("of-unknown"))).isPresent();
  }

  /**
   * Priority classes stand for a custom kind: served, but not known to the controllers at first.
   */
  @Test
  void collectsWhatAKindOwnsAndIsOwnedOnceThatIsServed() {
    cluster.stopControllers();
    ServedResource kind =
        cluster.resources.find("scheduling.k8s.io", "PriorityClass").orElseThrow();
    cluster.resources.remove(kind.resource());
    Obj owner = cluster.objects.create(kind.resource(), priorityClass("owner"));
    cluster.startControllers();
    cluster.objects.create(
        GroupResource.CONFIG_MAPS, configMap("of-absent", "scheduling.k8s.io/v1", "PriorityClass"));
    Obj kept = configMap("of-present", "scheduling.k8s.io/v1", "PriorityClass");
    cluster.objects.create(
        GroupResource.CONFIG_MAPS,
        kept.withAt(
            List.of(
                kept.obj("metadata")
                    .objs("ownerReferences")
                    .getFirst()
                    .with("uid", Meta.of(owner).uid())),
            "metadata",
            "ownerReferences"));
    cluster.objects.create(
        kind.resource(),
        owned(
                "'apiVersion': 'scheduling.k8s.io/v1', 'kind': 'PriorityClass',"
                    + " 'metadata': {'name': 'owned'",
                "v1",
                "Node")
            .with("value", 5));
    cluster.objects.create(GroupResource.CONFIG_MAPS, configMap("marker", "v1", "Secret"));
    cluster.await("others are collected", () -> isGone(GroupResource.CONFIG_MAPS, "marker"));
    assertThat(isGone(GroupResource.CONFIG_MAPS, "of-absent")).isFalse();

    cluster.resources.add(kind);
    cluster.await("the orphan goes", () -> isGone(GroupResource.CONFIG_MAPS, "of-absent"));
    cluster.await(
        "one of the kind goes for its own owner",
        () -> cluster.find(kind.resource(), new ObjectKey("", "owned")).isEmpty());
    assertThat(isGone(GroupResource.CONFIG_MAPS, "of-present")).isFalse();
    cluster.objects.delete(kind.resource(), ObjectKey.of(owner), DeleteOptions.DEFAULT);
    cluster.await(
        "what the kind owns goes with it", () -> isGone(GroupResource.CONFIG_MAPS, "of-present"));
  }

  private boolean isGone(GroupResource resource, String name) {
    return cluster.find(resource, Cluster.key(name)).isEmpty();
  }

  private static Obj priorityClass(String name) {
    return Cluster.json(
        """
        {'apiVersion': 'scheduling.k8s.io/v1', 'kind': 'PriorityClass', 'metadata': {'name': '%s'},
         'value': 5}"""
            .formatted(name));
  }

  @Test
  void tellsOfAnOwnerInAnotherNamespaceAndTreatsItAsAbsent() {
    Obj owner =
        cluster.objects.create(
            GroupResource.CONFIG_MAPS,
            Cluster.json(
                """
                {'apiVersion':'v1','kind':'ConfigMap',
                 'metadata':{'name':'owner','namespace':'kube-public'}}"""));
    Obj dependent = configMap("astray", "v1", "ConfigMap");
    List<Obj> owners =
        List.of(
            dependent
                .obj("metadata")
                .objs("ownerReferences")
                .getFirst()
                .with("uid", Meta.of(owner).uid()));
    cluster.objects.create(
        GroupResource.CONFIG_MAPS, dependent.withAt(owners, "metadata", "ownerReferences"));
    String expected =
        "ownerRef [v1/ConfigMap, namespace: default, name: owner, uid: "
            + Meta.of(owner).uid()
            + "] does not exist in namespace \"default\"";
    cluster.await(
        "it is told",
        () ->
            cluster.list(GroupResource.EVENTS).stream()
                .anyMatch(
                    each ->
                        each.string("reason").equals("OwnerRefInvalidNamespace")
                            && each.string("message").equals(expected)));
    cluster.await(
        "it goes", () -> cluster.find(GroupResource.CONFIG_MAPS, Cluster.key("astray")).isEmpty());
  }

  @Test
  void keepsAndTellsOfAClusterWideObjectWithAnOwnerInANamespace() {
    cluster.objects.create(
        GroupResource.PRIORITY_CLASSES,
        owned(
                "'apiVersion': 'scheduling.k8s.io/v1', 'kind': 'PriorityClass',"
                    + " 'metadata': {'name': 'odd'",
                "v1",
                "ConfigMap")
            .with("value", 5));
    cluster.await(
        "it is told",
        () ->
            cluster.list(GroupResource.EVENTS).stream()
                .anyMatch(each -> each.string("reason").equals("OwnerRefInvalidNamespace")));
    assertThat(cluster.find(GroupResource.PRIORITY_CLASSES, new ObjectKey("", "odd"))).isPresent();
  }
}
