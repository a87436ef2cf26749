package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.controllers.workload.PodTemplate;
import dev.wherry.master.reconcile.Timer;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Names that are made of a template's hash and belong to somebody else already. */
class CollisionsTest {
  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);

  @AfterEach
  void stop() throws Exception {
    cluster.close();
    timer.close();
  }

  private static Obj foreign(Obj owned, String name) {
    return Obj.of(
        "apiVersion",
        owned.string("apiVersion"),
        "kind",
        owned.string("kind"),
        "metadata",
        Obj.of("name", name, "namespace", "default"));
  }

  private long collisions(GroupResource resource, String name) {
    return cluster
        .objects
        .get(resource, Cluster.key(name))
        .obj("status")
        .number("collisionCount", 0);
  }

  @Test
  void aDeploymentTakesAnotherNameForItsReplicaSet() {
    Obj deployment =
        cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 2, "hello:1"));
    String taken = "web-" + PodTemplate.hash(deployment.at("spec", "template"), 0);
    Obj other = Cluster.deployment("other", 0, "hello:2");
    cluster.objects.create(
        GroupResource.REPLICA_SETS,
        foreign(Cluster.json("{'apiVersion':'apps/v1','kind':'ReplicaSet'}"), taken)
            .with("spec", other.obj("spec")));
    cluster.startControllers();
    cluster.await("two pods", () -> cluster.pods().size() == 2);
    List<String> mine =
        cluster.list(GroupResource.REPLICA_SETS).stream()
            .filter(each -> Meta.of(each).controller().isPresent())
            .map(each -> Meta.of(each).name())
            .toList();
    assertThat(mine).hasSize(1).doesNotContain(taken);
    cluster.await("counted", () -> collisions(GroupResource.DEPLOYMENTS, "web") == 1);
    assertThat(cluster.find(GroupResource.REPLICA_SETS, Cluster.key(taken))).isPresent();
  }

  @ParameterizedTest
  @CsvSource({"statefulsets, StatefulSet", "daemonsets, DaemonSet"})
  void aSetTakesAnotherNameForItsRevision(String plural, String kind) {
    GroupResource resource = new GroupResource("apps", plural);
    Obj set =
        cluster.objects.create(
            resource,
            Cluster.json(
                """
                {'apiVersion':'apps/v1','kind':'%s','metadata':{'name':'s','namespace':'default'},
                 'spec':{'selector':{'matchLabels':{'app':'s'}},
                  'template':{'metadata':{'labels':{'app':'s'}},
                   'spec':{'containers':[{'name':'c','image':'hello:1'}]}}}}"""
                    .formatted(kind)));
    String taken = "s-" + PodTemplate.hash(set.at("spec", "template"), 0);
    cluster.objects.create(
        GroupResource.CONTROLLER_REVISIONS,
        foreign(Cluster.json("{'apiVersion':'apps/v1','kind':'ControllerRevision'}"), taken)
            .with("revision", 1)
            .with("data", Cluster.json("{'spec':{'template':{'spec':{}}}}")));
    cluster.startControllers();
    cluster.addNode("node-1");
    cluster.await("a pod", () -> cluster.pods().size() == 1);
    cluster.await("counted", () -> collisions(resource, "s") == 1);
    List<String> revisions =
        cluster.list(GroupResource.CONTROLLER_REVISIONS).stream()
            .filter(each -> Meta.of(each).controller().isPresent())
            .map(each -> Meta.of(each).name())
            .toList();
    assertThat(revisions).hasSize(1).doesNotContain(taken);
  }
}
