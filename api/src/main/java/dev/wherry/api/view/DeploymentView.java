package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.Optional;

/** A deployment, typed, with Kubernetes' defaults where a member lacks. */
public record DeploymentView(Obj tree) implements WorkloadView {
  private static final IntOrPercent QUARTER = new IntOrPercent(25, true);

  public long replicas() {
    return spec().number("replicas", 1);
  }

  public boolean paused() {
    return spec().flag("paused");
  }

  public long minReadySeconds() {
    return spec().number("minReadySeconds", 0);
  }

  public long revisionHistoryLimit() {
    return spec().number("revisionHistoryLimit", 10);
  }

  public long progressDeadlineSeconds() {
    return spec().number("progressDeadlineSeconds", 600);
  }

  /** Whether all old pods go before the first new one comes. */
  public boolean recreates() {
    return spec().obj("strategy").string("type").equals("Recreate");
  }

  /** How many pods there may be above {@code replicas}; 0 when it recreates. */
  public long maxSurge() {
    return recreates() ? 0 : bound("maxSurge").roundedUpOf(replicas());
  }

  /**
   * How many pods may be unavailable. Where both bounds come out as 0 it is 1, so that a rollout
   * can move at all (as Kubernetes' ResolveFenceposts).
   */
  public long maxUnavailable() {
    if (recreates()) {
      return 0;
    }
    long unavailable = bound("maxUnavailable").roundedDownOf(replicas());
    return unavailable == 0 && maxSurge() == 0 ? 1 : Math.min(unavailable, replicas());
  }

  private IntOrPercent bound(String key) {
    Optional<Object> value = spec().at("strategy", "rollingUpdate").get(key);
    return value.map(each -> IntOrPercent.of(each, QUARTER)).orElse(QUARTER);
  }

  public Optional<Condition> condition(String type) {
    return Condition.find(tree, type);
  }
}
