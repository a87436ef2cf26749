package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import java.util.List;
import java.util.Optional;

/**
 * Whether a simulated cluster has become what its users asked for, and how it stands where it has
 * not.
 *
 * @param nodes how many there are
 * @param apps the deployments that users scale and roll out
 */
record SimulatedOutcome(
    int nodes,
    List<String> apps,
    SimulatedSets sets,
    SimulatedChurn churn,
    SimulatedEvictions evictions,
    SimulatedLoad load) {

  /** Everything is as it was asked for, or there is no room for it. */
  boolean isSettled(Cluster cluster) {
    List<PodView> pods = cluster.pods();
    boolean calm =
        pods.stream().noneMatch(PodView::isTerminating)
            && pods.stream().allMatch(pod -> pod.isFinished() || pod.isReady() || isRefused(pod))
            && cluster.list(GroupResource.NODES).stream()
                .map(NodeView::new)
                .allMatch(node -> node.isReady() && node.taints().isEmpty());
    return calm
        && sets.areSettled(cluster)
        && load.isSettled(cluster)
        && churn.unsettled(cluster).isEmpty()
        && evictions.unsettled(cluster).isEmpty()
        && apps.stream().allMatch(app -> hasItsPods(cluster, app, pods));
  }

  private boolean isRefused(PodView pod) {
    return pod.nodeName().isEmpty()
        && pod.condition(PodView.POD_SCHEDULED)
            .filter(each -> each.message().contains(nodes + " Insufficient cpu"))
            .isPresent();
  }

  private boolean hasItsPods(Cluster cluster, String app, List<PodView> pods) {
    Optional<Obj> deployment = cluster.find(GroupResource.DEPLOYMENTS, Cluster.key(app));
    if (deployment.isEmpty()) {
      return true;
    }
    List<PodView> own =
        pods.stream().filter(pod -> app.equals(pod.meta().labels().get("app"))).toList();
    boolean waits = own.stream().anyMatch(this::isRefused);
    return waits
        || own.size() == deployment.get().obj("spec").number("replicas", 1)
            && cluster.isRolledOut(app);
  }

  String describe(Cluster cluster) {
    StringBuilder text = new StringBuilder();
    for (PodView pod : cluster.pods()) {
      text.append(pod.key().name())
          .append(" on ")
          .append(pod.nodeName())
          .append(pod.isTerminating() ? " terminating" : "")
          .append(pod.isReady() ? " ready " : " not ready ")
          .append(pod.phase())
          .append(' ')
          .append(pod.condition(PodView.POD_SCHEDULED).map(each -> each.message()).orElse(""))
          .append('\n');
    }
    for (Obj node : cluster.list(GroupResource.NODES)) {
      text.append(Meta.of(node).name()).append(' ').append(node.obj("spec"));
      text.append(node.obj("status").objs("conditions")).append('\n');
    }
    for (Obj deployment : cluster.list(GroupResource.DEPLOYMENTS)) {
      text.append(deployment).append('\n');
    }
    text.append(churn.unsettled(cluster)).append('\n');
    text.append(evictions.unsettled(cluster)).append('\n');
    cluster.list(GroupResource.HORIZONTAL_POD_AUTOSCALERS).forEach(each -> text.append(each));
    return text.append(SimulatedSets.describe(cluster)).toString();
  }
}
