package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Stateful and daemon sets over the real registry and scheduler; a fake kubelet runs the pods. */
class SetsTest {
  private final RunningCluster running = new RunningCluster("node-1", "node-2");
  private final Cluster cluster = running.cluster;

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void create(GroupResource resource, String kind, String spec) {
    cluster.objects.create(
        resource,
        Cluster.json(
            """
            {'apiVersion':'apps/v1','kind':'%s','metadata':{'name':'s','namespace':'default'},
             'spec':{%s'selector':{'matchLabels':{'app':'s'}},
              'template':{'metadata':{'labels':{'app':'s'}},
               'spec':{'containers':[{'name':'c','image':'hello:1'}]}}}}"""
                .formatted(kind, spec)));
  }

  private List<String> ready() {
    return cluster.pods().stream()
        .filter(pod -> pod.isReady() && !pod.isTerminating())
        .map(pod -> pod.meta().name())
        .sorted()
        .toList();
  }

  private void setImage(GroupResource resource, String image) {
    cluster.merge(
        resource,
        "s",
        "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'%s'}]}}}}"
            .formatted(image));
  }

  private boolean allRun(String image) {
    List<PodView> pods = cluster.pods();
    return pods.size() == 2
        && pods.stream()
            .allMatch(pod -> pod.isReady() && pod.containers().getFirst().image().equals(image));
  }

  @Test
  void statefulSetsKeepNamesRollOutAndBack() {
    create(GroupResource.STATEFUL_SETS, "StatefulSet", "'replicas':2,'serviceName':'s',");
    cluster.await("two pods", () -> ready().equals(List.of("s-0", "s-1")));
    setImage(GroupResource.STATEFUL_SETS, "hello:2");
    cluster.await("rolled out", () -> allRun("hello:2"));
    cluster.await("status", () -> isCurrent(2));
    assertThat(cluster.list(GroupResource.CONTROLLER_REVISIONS)).hasSize(2);
    setImage(GroupResource.STATEFUL_SETS, "hello:1");
    cluster.await("rolled back", () -> allRun("hello:1"));
    assertThat(cluster.list(GroupResource.CONTROLLER_REVISIONS)).hasSize(2);
    cluster.merge(GroupResource.STATEFUL_SETS, "s", "{'spec':{'replicas':1}}");
    cluster.await("scaled", () -> cluster.pods().size() == 1);
    assertThat(ready()).containsExactly("s-0");
  }

  private boolean isCurrent(long replicas) {
    Obj set = cluster.objects.get(GroupResource.STATEFUL_SETS, Cluster.key("s"));
    Obj status = set.obj("status");
    return status.number("observedGeneration", 0) == Meta.of(set).generation()
        && status.number("availableReplicas", 0) == replicas
        && status.string("currentRevision").equals(status.string("updateRevision"));
  }

  @Test
  void daemonSetsFollowTheNodesAndRollOut() {
    create(GroupResource.DAEMON_SETS, "DaemonSet", "");
    cluster.await("a pod on each", () -> ready().size() == 2);
    assertThat(cluster.pods().stream().map(PodView::nodeName))
        .containsExactlyInAnyOrder("node-1", "node-2");
    setImage(GroupResource.DAEMON_SETS, "hello:2");
    cluster.await("rolled out", () -> allRun("hello:2"));
    cluster.addNode("node-3");
    cluster.await("a third", () -> ready().size() == 3);
    cluster.await(
        "status",
        () ->
            cluster
                    .objects
                    .get(GroupResource.DAEMON_SETS, Cluster.key("s"))
                    .obj("status")
                    .number("updatedNumberScheduled", 0)
                == 3);
  }

  @Test
  void replicationControllersKeepTheirPods() {
    cluster.objects.create(
        GroupResource.REPLICATION_CONTROLLERS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'ReplicationController',
             'metadata':{'name':'s','namespace':'default'},
             'spec':{'replicas':2,'selector':{'app':'s'},
              'template':{'metadata':{'labels':{'app':'s'}},
               'spec':{'containers':[{'name':'c','image':'hello:1'}]}}}}"""));
    cluster.await("two", () -> ready().size() == 2);
    cluster.merge(GroupResource.REPLICATION_CONTROLLERS, "s", "{'spec':{'replicas':1}}");
    cluster.await("one", () -> ready().size() == 1);
    cluster.await(
        "status",
        () ->
            cluster
                    .objects
                    .get(GroupResource.REPLICATION_CONTROLLERS, Cluster.key("s"))
                    .obj("status")
                    .number("replicas", 0)
                == 1);
  }
}
