package dev.wherry.master.controllers;

import dev.wherry.master.reconcile.Timer;

/** A {@link Cluster} whose controllers run, with nodes whose pods run at once. */
final class RunningCluster implements AutoCloseable {
  private final Timer timer = Timer.system();
  final Cluster cluster = new Cluster(timer);
  private final FakeKubelet kubelet = new FakeKubelet(cluster.objects, timer, _ -> true);

  RunningCluster(String... nodes) {
    cluster.startControllers();
    for (String each : nodes) {
      cluster.addNode(each);
    }
  }

  @Override
  public void close() throws Exception {
    kubelet.close();
    cluster.close();
    timer.close();
  }
}
