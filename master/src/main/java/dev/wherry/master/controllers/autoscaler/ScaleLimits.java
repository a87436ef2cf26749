package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.HorizontalPodAutoscalerView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * How far a recommendation is followed: the stabilization windows, the policies of {@code behavior}
 * and the bounds of the autoscaler (autoscaling/v2: HorizontalPodAutoscalerBehavior). Pure.
 *
 * @param replicas that are to be
 * @param stabilized the reason and message of the condition AbleToScale; empty reason: none
 * @param limited the reason of the condition ScalingLimited
 */
record ScaleLimits(long replicas, Note stabilized, Note limited) {
  /** Reason and message of a condition; an empty reason: nothing to say. */
  record Note(String reason, String message) {
    static final Note NONE = new Note("", "");
  }

  private static final Note WITHIN =
      new Note("DesiredWithinRange", "the desired count is within the acceptable range");

  static ScaleLimits of(
      HorizontalPodAutoscalerView autoscaler,
      long current,
      long desired,
      ScaleHistory history,
      Instant now) {
    Obj up = autoscaler.behavior("scaleUp");
    Obj down = autoscaler.behavior("scaleDown");
    Duration upWindow = window(up, 0);
    Duration downWindow = window(down, 300);
    long upRecommendation = desired;
    long downRecommendation = desired;
    for (ScaleHistory.Recommendation each : history.recommendations()) {
      if (each.at().plus(upWindow).isAfter(now)) {
        upRecommendation = Math.min(upRecommendation, each.replicas());
      }
      if (each.at().plus(downWindow).isAfter(now)) {
        downRecommendation = Math.max(downRecommendation, each.replicas());
      }
    }
    long stable = Math.max(current, upRecommendation);
    stable = Math.min(stable, downRecommendation);
    Note stabilized =
        stable == desired
            ? Note.NONE
            : desired < stable
                ? new Note(
                    "ScaleDownStabilized",
                    "recent recommendations were higher than current one, applying the highest"
                        + " recent recommendation")
                : new Note(
                    "ScaleUpStabilized",
                    "recent recommendations were lower than current one, applying the lowest"
                        + " recent recommendation");
    return bounded(autoscaler, current, stable, stabilized, history, now);
  }

  private static Duration window(Obj rules, long fallbackSeconds) {
    return Duration.ofSeconds(rules.number("stabilizationWindowSeconds", fallbackSeconds));
  }

  private static ScaleLimits bounded(
      HorizontalPodAutoscalerView autoscaler,
      long current,
      long wanted,
      Note stabilized,
      ScaleHistory history,
      Instant now) {
    if (wanted > current) {
      long byPolicy = upLimit(autoscaler.behavior("scaleUp"), current, history, now);
      byPolicy = Math.max(byPolicy, current);
      long limit = Math.min(byPolicy, autoscaler.maxReplicas());
      if (wanted > limit) {
        return new ScaleLimits(
            limit,
            stabilized,
            autoscaler.maxReplicas() <= byPolicy
                ? tooMany()
                : new Note(
                    "ScaleUpLimit",
                    "the desired replica count is increasing faster than the maximum scale rate"));
      }
    } else if (wanted < current) {
      long byPolicy = downLimit(autoscaler.behavior("scaleDown"), current, history, now);
      byPolicy = Math.min(byPolicy, current);
      long limit = Math.max(byPolicy, autoscaler.minReplicas());
      if (wanted < limit) {
        return new ScaleLimits(
            limit,
            stabilized,
            autoscaler.minReplicas() >= byPolicy
                ? tooFew()
                : new Note(
                    "ScaleDownLimit",
                    "the desired replica count is decreasing faster than the maximum scale rate"));
      }
    }
    if (wanted > autoscaler.maxReplicas()) {
      return new ScaleLimits(autoscaler.maxReplicas(), stabilized, tooMany());
    }
    if (wanted < autoscaler.minReplicas()) {
      return new ScaleLimits(autoscaler.minReplicas(), stabilized, tooFew());
    }
    return new ScaleLimits(wanted, stabilized, WITHIN);
  }

  private static Note tooMany() {
    return new Note(
        "TooManyReplicas", "the desired replica count is more than the maximum replica count");
  }

  private static Note tooFew() {
    return new Note(
        "TooFewReplicas", "the desired replica count is less than the minimum replica count");
  }

  private static final List<Obj> DEFAULT_UP =
      List.of(
          Obj.of("type", "Pods", "value", 4, "periodSeconds", 15),
          Obj.of("type", "Percent", "value", 100, "periodSeconds", 15));

  private static final List<Obj> DEFAULT_DOWN =
      List.of(Obj.of("type", "Percent", "value", 100, "periodSeconds", 15));

  private static long upLimit(Obj rules, long current, ScaleHistory history, Instant now) {
    String select = rules.string("selectPolicy", "Max");
    if (select.equals("Disabled")) {
      return current;
    }
    boolean takesLeast = select.equals("Min");
    long result = takesLeast ? Long.MAX_VALUE : Long.MIN_VALUE;
    for (Obj policy : policies(rules, DEFAULT_UP)) {
      Duration period = Duration.ofSeconds(policy.number("periodSeconds", 15));
      long start =
          current - history.changeWithin(period, now, 1) + history.changeWithin(period, now, -1);
      long value = policy.number("value", 0);
      long limit =
          policy.string("type").equals("Pods")
              ? start + value
              : (long) Math.ceil(start * (1 + value / 100.0));
      result = takesLeast ? Math.min(result, limit) : Math.max(result, limit);
    }
    return result;
  }

  private static long downLimit(Obj rules, long current, ScaleHistory history, Instant now) {
    String select = rules.string("selectPolicy", "Max");
    if (select.equals("Disabled")) {
      return current;
    }
    // The policy that changes most is the one that leaves least.
    boolean takesMost = select.equals("Min");
    long result = takesMost ? Long.MIN_VALUE : Long.MAX_VALUE;
    for (Obj policy : policies(rules, DEFAULT_DOWN)) {
      Duration period = Duration.ofSeconds(policy.number("periodSeconds", 15));
      long start =
          current + history.changeWithin(period, now, -1) - history.changeWithin(period, now, 1);
      long value = policy.number("value", 0);
      long limit =
          policy.string("type").equals("Pods")
              ? start - value
              : (long) (start * (1 - value / 100.0));
      result = takesMost ? Math.max(result, limit) : Math.min(result, limit);
    }
    return result;
  }

  private static List<Obj> policies(Obj rules, List<Obj> fallback) {
    List<Obj> policies = rules.objs("policies");
    return policies.isEmpty() ? fallback : policies;
  }
}
