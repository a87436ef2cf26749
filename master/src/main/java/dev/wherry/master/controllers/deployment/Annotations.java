package dev.wherry.master.controllers.deployment;

import dev.wherry.api.object.Meta;
import dev.wherry.api.view.DeploymentView;
import dev.wherry.api.view.ReplicaSetView;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Annotations that deployments and their replica sets carry for each other. Pure. */
final class Annotations {
  static final String REVISION = "deployment.kubernetes.io/revision";
  static final String REVISION_HISTORY = "deployment.kubernetes.io/revision-history";
  static final String DESIRED_REPLICAS = "deployment.kubernetes.io/desired-replicas";
  static final String MAX_REPLICAS = "deployment.kubernetes.io/max-replicas";

  /** What a replica set does not take over from its deployment. */
  private static final Set<String> OWN =
      Set.of(
          "kubectl.kubernetes.io/last-applied-configuration",
          REVISION,
          REVISION_HISTORY,
          DESIRED_REPLICAS,
          MAX_REPLICAS,
          "deprecated.deployment.rollback.to");

  private Annotations() {}

  static long revision(Meta meta) {
    return number(meta, REVISION, 0);
  }

  /** The deployment's replicas when the set was scaled last; -1 where that is not known. */
  static long desiredReplicas(ReplicaSetView set) {
    return number(set.meta(), DESIRED_REPLICAS, -1);
  }

  /** The deployment's replicas and surge when the set was scaled last; -1: not known. */
  static long maxReplicas(ReplicaSetView set) {
    return number(set.meta(), MAX_REPLICAS, -1);
  }

  private static long number(Meta meta, String annotation, long fallback) {
    try {
      return Long.parseLong(meta.annotations().getOrDefault(annotation, ""));
    } catch (NumberFormatException _) {
      return fallback; // as if the annotation lacked
    }
  }

  /** What the new replica set is to carry, on top of what it carries. */
  static Map<String, String> ofNewSet(DeploymentView deployment, Meta set, long revision) {
    Map<String, String> wanted = new LinkedHashMap<>();
    deployment
        .meta()
        .annotations()
        .forEach(
            (key, value) -> {
              if (!OWN.contains(key)) {
                wanted.put(key, value);
              }
            });
    long before = revision(set);
    if (before < revision) {
      wanted.put(REVISION, Long.toString(revision));
      if (before > 0) {
        String history = set.annotations().getOrDefault(REVISION_HISTORY, "");
        wanted.put(REVISION_HISTORY, history.isEmpty() ? "" + before : history + "," + before);
      }
    }
    return wanted;
  }

  /** What a set carries once it was scaled. */
  static Map<String, String> ofScaledSet(DeploymentView deployment) {
    return Map.of(
        DESIRED_REPLICAS,
        Long.toString(deployment.replicas()),
        MAX_REPLICAS,
        Long.toString(deployment.replicas() + deployment.maxSurge()));
  }
}
