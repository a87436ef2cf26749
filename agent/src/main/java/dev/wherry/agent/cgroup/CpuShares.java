package dev.wherry.agent.cgroup;

/** Processor time as the kernel's scheduler weighs and bounds it. Pure. */
public final class CpuShares {
  /** The least that the kernel takes. */
  public static final long MIN = 2;

  private static final long MAX = 262_144;
  private static final long OF_ONE_CPU = 1024;

  /** The period that quotas count in (kubelet: cpuCFSQuotaPeriod). */
  public static final long PERIOD_MICROS = 100_000;

  private static final long MIN_QUOTA_MICROS = 1000;

  private CpuShares() {}

  /** A request's weight beside others (cgroup-v1: cpu.shares). */
  public static long ofMillis(long milliCpu) {
    return Math.clamp(milliCpu * OF_ONE_CPU / 1000, MIN, MAX);
  }

  /** A limit's run time in each {@value #PERIOD_MICROS} microseconds. */
  public static long quotaOfMillis(long milliCpu) {
    return Math.max(MIN_QUOTA_MICROS, milliCpu * PERIOD_MICROS / 1000);
  }

  /**
   * The same weight for version 2 (cpu.weight), 1 to 10000: a parabola through (2, 1), (1024, 100)
   * and (262144, 10000) on logarithmic scales, so that one CPU weighs as much as any other group
   * (KEP-2254 as of Kubernetes 1.35).
   */
  public static long weight(long shares) {
    double log = Math.log(Math.clamp(shares, MIN, MAX)) / Math.log(2);
    double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
    // What is whole must not be carried up by the last bit of a double.
    return Math.clamp((long) Math.ceil(Math.pow(10, exponent) - 1e-9), 1, 10_000);
  }
}
