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
    long usage = 0;
    long requests = 0;
    long counted = 0;
    for (PodReading each : pods) {
      if (each.state() == PodReading.State.COUNTED) {
        usage += each.usage();
        requests += each.request();
        counted++;
      }
    }
    if (counted == 0 || requests == 0) {
      return new Proposal(current, 0, 0);
    }
    long utilization = usage * 100 / requests;
    double ratio = utilization / (double) targetPercent;
    long replicas =
        replicas(
            current,
            pods,
            ratio,
            tolerance,
            reading -> {
              // The same percentage that is missing from the pod's own request.
              return switch (reading) {
                case LOW -> 0;
                case HIGH -> Math.max(100, targetPercent);
              };
            },
            targetPercent,
            Basis.PERCENT);
    return new Proposal(replicas, usage / counted, utilization);
  }

  /** Usage against an amount for each pod. */
  static Proposal ofAverage(long current, List<PodReading> pods, long target, Tolerance tolerance) {
    long usage = 0;
    long counted = 0;
    for (PodReading each : pods) {
      if (each.state() == PodReading.State.COUNTED) {
        usage += each.usage();
        counted++;
      }
    }
    if (counted == 0) {
      return new Proposal(current, 0, 0);
    }
    double ratio = (double) usage / counted / target;
    long replicas =
        replicas(
            current,
            pods,
            ratio,
            tolerance,
            reading ->
                switch (reading) {
                  case LOW -> 0;
                  case HIGH -> target;
                },
            target,
            Basis.AMOUNT);
    return new Proposal(replicas, usage / counted, 0);
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

  private enum Basis {
    PERCENT,
    AMOUNT
  }

  /** What is assumed of pods that say nothing: against the direction of the change. */
  private enum Assumed {
    LOW,
    HIGH
  }

  private interface Assumption {
    long of(Assumed assumed);
  }

  private static long replicas(
      long current,
      List<PodReading> pods,
      double ratio,
      Tolerance tolerance,
      Assumption assumption,
      long target,
      Basis basis) {
    long ready = count(pods, PodReading.State.COUNTED);
    long unready = count(pods, PodReading.State.UNREADY);
    long missing = count(pods, PodReading.State.MISSING);
    boolean counts = missing > 0 || unready > 0 && ratio > 1;
    if (!counts) {
      return tolerance.covers(ratio) ? current : (long) Math.ceil(ratio * ready);
    }
    double usage = 0;
    double base = 0;
    long all = 0;
    for (PodReading each : pods) {
      boolean joins =
          switch (each.state()) {
            case COUNTED, MISSING -> true;
            case UNREADY -> ratio > 1;
            case IGNORED -> false;
          };
      if (!joins) {
        continue;
      }
      long assumed = assumption.of(ratio > 1 ? Assumed.LOW : Assumed.HIGH);
      boolean isCounted = each.state() == PodReading.State.COUNTED;
      if (basis == Basis.PERCENT) {
        usage += isCounted ? each.usage() : assumed * each.request() / 100.0;
        base += each.request() * target / 100.0;
      } else {
        usage += isCounted ? each.usage() : assumed;
        base += target;
      }
      all++;
    }
    double now = usage / base;
    boolean turned = ratio < 1 && now > 1 || ratio > 1 && now < 1;
    if (tolerance.covers(now) || turned) {
      return current;
    }
    long replicas = (long) Math.ceil(now * all);
    boolean against = now < 1 && replicas > current || now > 1 && replicas < current;
    return against ? current : replicas;
  }

  private static long count(List<PodReading> pods, PodReading.State state) {
    return pods.stream().filter(each -> each.state() == state).count();
  }
}
