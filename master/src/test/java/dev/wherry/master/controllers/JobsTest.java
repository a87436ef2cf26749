package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.registry.DeleteOptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Jobs over the real registry and scheduler; the test ends their pods. */
class JobsTest {
  private final RunningCluster running = new RunningCluster("node-1");
  private final Cluster cluster = running.cluster;

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void create(String spec) {
    cluster.objects.create(
        GroupResource.JOBS,
        Cluster.json(
            """
            {'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'j','namespace':'default'},
             'spec':{%s'template':{'spec':{'restartPolicy':'Never',
              'containers':[{'name':'c','image':'hello:1'}]}}}}"""
                .formatted(spec)));
  }

  private void endAll(String phase) {
    for (PodView pod : cluster.pods()) {
      if (pod.phase().equals("Running")) {
        Obj ended = pod.tree().withAt(phase, "status", "phase");
        cluster.objects.updateStatus(
            GroupResource.PODS,
            ended.change("metadata", metadata -> metadata.without("resourceVersion")));
      }
    }
  }

  private boolean isComplete() {
    endAll("Succeeded");
    return new JobView(job()).has(JobView.COMPLETE);
  }

  @Test
  void completesAcrossARestartOfTheControllers() {
    create("'completions':4,'parallelism':2,");
    cluster.await("two run", () -> cluster.pods().stream().filter(PodView::isReady).count() == 2);
    cluster.stopControllers();
    endAll("Succeeded");
    cluster.startControllers();
    cluster.await("complete", this::isComplete);
    assertThat(job().obj("status").number("succeeded", 0)).isEqualTo(4);
    assertThat(cluster.pods()).hasSize(4).allMatch(pod -> pod.meta().finalizers().isEmpty());
  }

  @Test
  void leavesNoPodBehindWhenItIsDeletedWhilePodsRun() {
    create("'completions':2,'parallelism':2,");
    cluster.await("two run", () -> cluster.pods().stream().filter(PodView::isReady).count() == 2);
    cluster.objects.delete(GroupResource.JOBS, Cluster.key("j"), DeleteOptions.DEFAULT);
    cluster.await(
        "nothing left",
        () ->
            cluster.find(GroupResource.JOBS, Cluster.key("j")).isEmpty()
                && cluster.pods().isEmpty());
  }

  @Test
  void failsWhilePodsAreReadyWhenItsTimeIsOver() {
    create("'completions':2,'parallelism':2,'activeDeadlineSeconds':1,");
    cluster.await("failed", () -> new JobView(job()).has(JobView.FAILED));
    assertThat(job().obj("status").number("failed", 0)).isEqualTo(2);
    assertThat(job().obj("status").number("ready", 0)).isZero();
  }

  @Test
  void succeedsWhilePodsAreReadyWhenItsPolicySaysSo() {
    create(
        "'completions':2,'parallelism':2,'completionMode':'Indexed',"
            + "'successPolicy':{'rules':[{'succeededIndexes':'0'}]},");
    cluster.await("two run", () -> cluster.pods().stream().filter(PodView::isReady).count() == 2);
    PodView leader =
        cluster.pods().stream()
            .filter(pod -> pod.meta().name().startsWith("j-0-"))
            .findFirst()
            .orElseThrow();
    cluster.objects.updateStatus(
        GroupResource.PODS,
        leader
            .tree()
            .change("metadata", metadata -> metadata.without("resourceVersion"))
            .withAt("Succeeded", "status", "phase"));
    cluster.await("complete", () -> new JobView(job()).has(JobView.COMPLETE));
    assertThat(job().obj("status").string("completedIndexes")).isEqualTo("0");
  }

  private Obj job() {
    return cluster.objects.get(GroupResource.JOBS, Cluster.key("j"));
  }

  @Test
  void goesWhenItsTimeAfterTheEndIsOver() {
    create("'ttlSecondsAfterFinished':0,");
    cluster.await(
        "gone",
        () -> {
          endAll("Succeeded");
          return cluster.find(GroupResource.JOBS, Cluster.key("j")).isEmpty()
              && cluster.pods().isEmpty();
        });
  }
}
