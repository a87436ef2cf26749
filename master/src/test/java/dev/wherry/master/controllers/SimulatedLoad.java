package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.samples.UsageReport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Random;

/**
 * A deployment whose pods share a load that changes, and its autoscaler. Each node reports what its
 * pods use. Confined to one thread.
 */
final class SimulatedLoad {
  private static final String NAME = "auto";
  private static final int MOST_PODS = 4;

  /** More than the most pods take at their target. */
  private static final long LAST_MILLIS = 250;

  private static final Duration INTERVAL = Duration.ofSeconds(15);

  private final Random random;
  private long millis = 20;
  private Instant reported = Instant.EPOCH;

  SimulatedLoad(Random random) {
    this.random = random;
  }

  void create(ObjectAccess objects) {
    Obj deployment =
        Cluster.deployment(NAME, 1, "hello:1")
            .withAt(
                Cluster.json(
                    """
                    {'priorityClassName':'system-node-critical',
                     'containers':[{'name':'c','image':'hello:1',
                      'resources':{'requests':{'cpu':'100m'}}}]}"""),
                "spec",
                "template",
                "spec");
    objects.create(GroupResource.DEPLOYMENTS, deployment);
    objects.create(
        GroupResource.HORIZONTAL_POD_AUTOSCALERS,
        Cluster.json(
            """
            {'apiVersion':'autoscaling/v2','kind':'HorizontalPodAutoscaler',
             'metadata':{'name':'%s','namespace':'default'},
             'spec':{'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'%s'},
              'minReplicas':1,'maxReplicas':%d,
              'behavior':{'scaleDown':{'stabilizationWindowSeconds':30}},
              'metrics':[{'type':'Resource','resource':{'name':'cpu',
               'target':{'type':'Utilization','averageUtilization':50}}}]}}"""
                .formatted(NAME, NAME, MOST_PODS)));
  }

  void change() {
    millis = random.nextInt(300);
  }

  void settle() {
    millis = LAST_MILLIS;
  }

  /** What the nodes that live say of their pods, now and then. */
  void report(Cluster cluster, List<HollowNode> nodes, Instant now) {
    if (now.isBefore(reported.plus(INTERVAL))) {
      return;
    }
    reported = now;
    List<PodView> pods =
        cluster.pods().stream()
            .filter(pod -> NAME.equals(pod.meta().labels().get("app")) && pod.isReady())
            .toList();
    for (HollowNode node : nodes) {
      if (node.isAlive()) {
        cluster.samples.onReport(report(node.name, pods, now));
      }
    }
  }

  private UsageReport report(NodeName node, List<PodView> pods, Instant now) {
    UsageReport.Consumption each =
        new UsageReport.Consumption(millis * 1_000_000 / Math.max(1, pods.size()), 1 << 20);
    List<UsageReport.PodUsage> own =
        pods.stream()
            .filter(pod -> pod.nodeName().equals(node.text()))
            .map(
                pod ->
                    new UsageReport.PodUsage(
                        pod.key(), pod.uid(), List.of(new UsageReport.ContainerUsage("c", each))))
            .toList();
    return new UsageReport(
        node, now, INTERVAL, new UsageReport.Consumption(0, 0), own, Optional.empty());
  }

  /** Whether there are as many pods as the load in the end asks for. */
  boolean isSettled(Cluster cluster) {
    Obj deployment = cluster.objects.get(GroupResource.DEPLOYMENTS, Cluster.key(NAME));
    return deployment.obj("spec").number("replicas", 1) == MOST_PODS && cluster.isRolledOut(NAME);
  }
}
