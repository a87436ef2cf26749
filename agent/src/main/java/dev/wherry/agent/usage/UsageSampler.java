package dev.wherry.agent.usage;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerSpec.Identity;
import dev.wherry.agent.usage.NodeUsage.Consumption;
import dev.wherry.agent.usage.NodeUsage.Container;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what node and containers consume, every {@value #PERIOD_SECONDS} seconds, from the kernel's
 * own files: no engine is asked for figures. Runs on a thread of its own.
 */
public final class UsageSampler implements AutoCloseable {
  private static final int PERIOD_SECONDS = 15;
  private static final long NANOS_PER_TICK = 10_000_000; // USER_HZ is 100 on all of Debian's
  private static final Logger LOG = LoggerFactory.getLogger(UsageSampler.class);

  /** Processor times of one round: of the node, and of each container by its id. */
  record Times(long nanoTime, long node, Map<String, Long> containers) {}

  private final ContainerRuntime runtime;
  private final Supplier<NodeTraffic> traffic;
  private final Consumer<NodeUsage> told;
  private final CountDownLatch end = new CountDownLatch(1);
  private final Thread thread = Thread.ofVirtual().name("usage").unstarted(this::run);

  /**
   * @param traffic asked for each sample; may block
   * @param told each sample; must not block
   */
  public UsageSampler(
      ContainerRuntime runtime, Supplier<NodeTraffic> traffic, Consumer<NodeUsage> told) {
    this.runtime = runtime;
    this.traffic = traffic;
    this.told = told;
  }

  public void start() {
    thread.start();
  }

  private void run() {
    Optional<Times> before = Optional.empty();
    try {
      do {
        before = sampled(before);
      } while (!end.await(PERIOD_SECONDS, TimeUnit.SECONDS));
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private Optional<Times> sampled(Optional<Times> before) {
    try {
      Map<String, CgroupReading> readings = new HashMap<>();
      List<ContainerObservation> running = new ArrayList<>();
      for (ContainerObservation each : runtime.list()) {
        if (each.isRunning() && !each.name().equals(Identity.PAUSE)) {
          CgroupReading.ofProcess(each.pid())
              .ifPresent(
                  reading -> {
                    readings.put(each.id(), reading);
                    running.add(each);
                  });
        }
      }
      Map<String, Long> nanos = new HashMap<>();
      readings.forEach((id, reading) -> nanos.put(id, reading.cpuNanos()));
      Times now = new Times(System.nanoTime(), nodeCpuNanos(Proc.text("/proc/stat")), nanos);
      if (before.isPresent()) {
        told.accept(usage(before.get(), now, running, readings, traffic.get()));
      }
      return Optional.of(now);
    } catch (IOException e) {
      LOG.debug("no sample of usage: {}", e.toString());
      return before;
    }
  }

  private static NodeUsage usage(
      Times before,
      Times now,
      List<ContainerObservation> running,
      Map<String, CgroupReading> readings,
      NodeTraffic traffic)
      throws IOException {
    long window = now.nanoTime - before.nanoTime;
    List<Container> containers = new ArrayList<>();
    for (ContainerObservation each : running) {
      CgroupReading reading = readings.get(each.id());
      Long earlier = before.containers.get(each.id());
      if (reading != null && earlier != null) {
        long cores = nanoCores(reading.cpuNanos() - earlier, window);
        Consumption used = new Consumption(cores, reading.workingSetBytes());
        containers.add(new Container(each.pod(), each.podUid(), each.name(), used));
      }
    }
    long used = Proc.memory("MemTotal") - Proc.memory("MemAvailable");
    Consumption node = new Consumption(nanoCores(now.node - before.node, window), used);
    return new NodeUsage(Instant.now(), Duration.ofNanos(window), node, containers, traffic);
  }

  /** Billionths of a core: processor time in the time that passed. */
  static long nanoCores(long cpuNanos, long windowNanos) {
    return windowNanos <= 0 ? 0 : Math.max(0, Math.round(cpuNanos * 1e9 / windowNanos));
  }

  /** The busy time in the first line of proc_stat(5): all but idle and waiting for disks. */
  static long nodeCpuNanos(String stat) {
    String[] fields = stat.lines().findFirst().orElse("").split(" +");
    long ticks = 0;
    for (int i = 1; i < Math.min(fields.length, 9); i++) {
      boolean isIdle = i == 4 || i == 5;
      ticks += isIdle ? 0 : Long.parseLong(fields[i]);
    }
    return ticks * NANOS_PER_TICK;
  }

  @Override
  public void close() throws InterruptedException {
    end.countDown();
    thread.join();
  }
}
