package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * The Pod Security Standards, as Kubernetes documents them in each of its versions: what is wrong
 * with a pod by each. Pure.
 */
final class PodStandards {
  private PodStandards() {}

  /**
   * What is wrong with the pod, in the order in which messages say it; empty when nothing is.
   *
   * @param pod with {@code annotations} and {@code spec}
   */
  static List<String> violations(PodPolicy policy, Obj pod) {
    List<String> found = new ArrayList<>();
    int minor = policy.minor();
    switch (policy.level()) {
      case PRIVILEGED -> {}
      case BASELINE -> {
        BaselineChecks.addCommon(pod, minor, found);
        BaselineChecks.addOwn(pod, minor, found);
      }
      case RESTRICTED -> {
        BaselineChecks.addCommon(pod, minor, found);
        RestrictedChecks.add(pod, minor, found);
      }
    }
    found.sort(null);
    return found;
  }
}
