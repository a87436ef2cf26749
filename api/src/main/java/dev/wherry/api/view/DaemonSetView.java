package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** A daemon set, typed, with Kubernetes' defaults where a member lacks. */
public record DaemonSetView(Obj tree) implements WorkloadView {
  private static final IntOrPercent ONE = new IntOrPercent(1, false);
  private static final IntOrPercent NONE = new IntOrPercent(0, false);

  public long minReadySeconds() {
    return spec().number("minReadySeconds", 0);
  }

  public long revisionHistoryLimit() {
    return spec().number("revisionHistoryLimit", 10);
  }

  /** Whether old pods are replaced only when somebody deletes them. */
  public boolean replacesOnDelete() {
    return spec().obj("updateStrategy").string("type").equals("OnDelete");
  }

  /** On how many of {@code desired} nodes an old and a new pod may run side by side. */
  public long maxSurge(long desired) {
    return bound("maxSurge", NONE).roundedUpOf(desired);
  }

  /** How many of {@code desired} pods may be unavailable during an update; 1 where both are 0. */
  public long maxUnavailable(long desired) {
    long number = bound("maxUnavailable", ONE).roundedUpOf(desired);
    return number == 0 && maxSurge(desired) == 0 ? 1 : number;
  }

  private IntOrPercent bound(String key, IntOrPercent fallback) {
    return spec()
        .at("updateStrategy", "rollingUpdate")
        .get(key)
        .map(each -> IntOrPercent.of(each, fallback))
        .orElse(fallback);
  }
}
