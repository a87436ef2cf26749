package dev.wherry.master.controllers.autoscaler;

import java.util.List;

/**
 * How many pods a metric asks for (Kubernetes: Horizontal Pod Autoscaling, algorithm details).
 * Pure.
 *
 * @param replicas proposed
 * @param average usage of a counted pod
 * @param utilization of the requests in percent; 0 where the target is no percentage
 */
record Proposal(long replicas, long average, long utilization) {

  /** By how much usage may differ from its target before anything is done. */
  record Tolerance(double up, double down) {
    static final Tolerance DEFAULT = new Tolerance(0.1, 0.1);

    boolean covers(double ratio) {
      return ratio >= 1 - down && ratio <= 1 + up;
    }
  }

  /** Usage against a percentage of the requests. */
  static Proposal ofUtilization(
      long current, List<PodReading> pods, long targetPercent, Tolerance tolerance) {
    Sum counted = Sum.counted(pods);
    if (counted.pods() == 0 || counted.requests() == 0) {
      return new Proposal(current, 0, 0);
    }
    long replicas = replicas(current, pods, new Target.Percent(targetPercent), tolerance);
    return new Proposal(
        replicas, counted.usage() / counted.pods(), counted.usage() * 100 / counted.requests());
  }

  /** Usage against an amount for each pod. */
  static Proposal ofAverage(long current, List<PodReading> pods, long target, Tolerance tolerance) {
    Sum counted = Sum.counted(pods);
    if (counted.pods() == 0) {
      return new Proposal(current, 0, 0);
    }
    long replicas = replicas(current, pods, new Target.Amount(target), tolerance);
    return new Proposal(replicas, counted.usage() / counted.pods(), 0);
  }

  /** One value for all pods against a target for all of them. */
  static Proposal ofValue(
      long current, long ready, double value, double target, Tolerance tolerance) {
    double ratio = value / target;
    long replicas = tolerance.covers(ratio) ? current : (long) Math.ceil(ratio * ready);
    return new Proposal(replicas, (long) value, 0);
  }

  /** One value for all pods against a target for each of them. */
  static Proposal ofValuePerPod(long current, double value, double target, Tolerance tolerance) {
    double ratio = current == 0 ? 2 : value / (target * current);
    long replicas = tolerance.covers(ratio) ? current : (long) Math.ceil(value / target);
    return new Proposal(
        replicas, current == 0 ? (long) value : (long) Math.ceil(value / current), 0);
  }

  /** What so many pods use and request together. */
  private record Sum(long pods, long usage, long requests) {
    static Sum counted(List<PodReading> pods) {
      Sum sum = new Sum(0, 0, 0);
      for (PodReading each : pods) {
        sum = each.state() == PodReading.State.COUNTED ? sum.with(each, each.usage()) : sum;
      }
      return sum;
    }

    Sum with(PodReading pod, long its) {
      return new Sum(pods + 1, usage + its, requests + pod.request());
    }
  }

  /** What usage is compared with, in whole percents or amounts as Kubernetes does. */
  private sealed interface Target {
    double ratio(Sum sum);

    /** What a pod of which nothing is known is thought to use at most. */
    long most(PodReading pod);

    /** A percentage of the requests. */
    record Percent(long percent) implements Target {
      @Override
      public double ratio(Sum sum) {
        long utilization = sum.usage() * 100 / sum.requests();
        return utilization / (double) percent;
      }

      @Override
      public long most(PodReading pod) {
        return pod.request() * Math.max(100, percent) / 100;
      }
    }

    /** An amount for each pod. */
    record Amount(long amount) implements Target {
      @Override
      public double ratio(Sum sum) {
        long average = sum.usage() / sum.pods();
        return average / (double) amount;
      }

      @Override
      public long most(PodReading pod) {
        return amount;
      }
    }
  }

  private static long replicas(
      long current, List<PodReading> pods, Target target, Tolerance tolerance) {
    Sum counted = Sum.counted(pods);
    double ratio = target.ratio(counted);
    Sum all = withTheSilent(counted, pods, ratio, target);
    if (all.pods() == counted.pods()) {
      return tolerance.covers(ratio) ? current : (long) Math.ceil(ratio * counted.pods());
    }
    double assumed = target.ratio(all);
    boolean turned = ratio < 1 && assumed > 1 || ratio > 1 && assumed < 1;
    if (tolerance.covers(assumed) || turned) {
      return current;
    }
    long replicas = (long) Math.ceil(assumed * all.pods());
    boolean against = assumed < 1 && replicas > current || assumed > 1 && replicas < current;
    return against ? current : replicas;
  }

  /** Of pods that say nothing what speaks against the change is assumed. */
  private static Sum withTheSilent(
      Sum counted, List<PodReading> pods, double ratio, Target target) {
    Sum all = counted;
    for (PodReading each : pods) {
      boolean isMissing = each.state() == PodReading.State.MISSING;
      if (isMissing && ratio < 1) {
        all = all.with(each, target.most(each));
      } else if (ratio > 1 && (isMissing || each.state() == PodReading.State.UNREADY)) {
        all = all.with(each, 0);
      }
    }
    return all;
  }
}
