package dev.wherry.agent.probe;

import dev.wherry.agent.pod.ContainerState;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodEvent.ProbeKind;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.probe.ProbeCounts.Outcome;
import dev.wherry.agent.runtime.EngineException;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Probe;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The probes of one pod's running containers, each a virtual thread. {@link #follow} and {@link
 * #close} are called by one thread.
 */
public final class Probes implements AutoCloseable {
  private static final String UNHEALTHY = "Unhealthy";

  /** How often a probe is run until it tells anything (kubelet's maxProbeRetries). */
  private static final int MAX_TRIES = 3;

  private final ProbeExecutor executor;
  private final ProbeCounts.OfPod counts;
  private final InstantSource clock;
  private final Consumer<PodEvent> verdicts;
  private final Complaints complaints;
  private final Map<Key, Thread> running = new HashMap<>();

  private record Key(String containerId, ProbeKind kind) {}

  /** Told of each probe that did not plainly succeed, for the pod's events, in kubelet's words. */
  public interface Complaints {
    void complain(String container, String reason, String message);
  }

  /**
   * @param clock the timer
   */
  public Probes(
      PodView pod,
      ProbeExecutor executor,
      InstantSource clock,
      Consumer<PodEvent> verdicts,
      Complaints complaints) {
    this.executor = executor;
    this.counts = executor.counts().of(pod);
    this.clock = clock;
    this.verdicts = verdicts;
    this.complaints = complaints;
  }

  /** Starts and ends probes as the pod's state has it. */
  public void follow(PodState state) {
    List<Key> wanted = new ArrayList<>();
    for (ContainerState each : state.containers()) {
      ContainerView spec = state.spec(each.name());
      for (ProbeKind kind : ProbeKind.values()) {
        Optional<Probe> probe = probe(spec, kind);
        if (probe.isPresent() && isDue(each, kind)) {
          Key key = new Key(each.runningId().orElse(""), kind);
          wanted.add(key);
          ProbeSchedule schedule = ProbeSchedule.of(kind, probe.get(), each.since());
          running.computeIfAbsent(key, _ -> start(state.ip(), spec, key, schedule));
        }
      }
    }
    running
        .entrySet()
        .removeIf(
            entry -> {
              boolean over = !wanted.contains(entry.getKey());
              if (over) {
                entry.getValue().interrupt();
              }
              return over;
            });
  }

  /** A container that is being ended is asked for its readiness on: it may serve to its end. */
  private static boolean isDue(ContainerState container, ProbeKind kind) {
    boolean mayBe =
        container.stage() instanceof ContainerState.Running
            || container.stage() instanceof ContainerState.Stopping && kind == ProbeKind.READINESS;
    return mayBe && (kind == ProbeKind.STARTUP) != container.started();
  }

  private static Optional<Probe> probe(ContainerView spec, ProbeKind kind) {
    return switch (kind) {
      case STARTUP -> spec.startupProbe();
      case READINESS -> spec.readinessProbe();
      case LIVENESS -> spec.livenessProbe();
    };
  }

  private Thread start(String ip, ContainerView spec, Key key, ProbeSchedule schedule) {
    return Thread.ofVirtual()
        .name("probe")
        .start(() -> loop(ip, spec, key.containerId(), schedule));
  }

  private void loop(String ip, ContainerView spec, String id, ProbeSchedule first) {
    ProbeSchedule schedule = first;
    try {
      while (true) {
        Duration wait = Duration.between(clock.instant(), schedule.next());
        if (wait.isPositive()) {
          Thread.sleep(wait);
        }
        schedule = probe(ip, spec, id, schedule);
      }
    } catch (InterruptedException _) {
      // Its container has ended or its phase is over.
      Thread.currentThread().interrupt();
    }
  }

  /** Probes once and tells what that amounts to; the schedule from here. */
  private ProbeSchedule probe(String ip, ContainerView spec, String id, ProbeSchedule schedule)
      throws InterruptedException {
    String words = schedule.kind().word() + " probe ";
    ProbeExecutor.Result result;
    try {
      result = result(ip, spec, id, schedule.probe());
    } catch (EngineException e) {
      wanted();
      counts.count(spec.name(), schedule.kind(), Outcome.UNKNOWN);
      complaints.complain(
          spec.name(),
          UNHEALTHY,
          words + "errored and resulted in unknown state: " + e.getMessage());
      return schedule.skip(clock.instant());
    }
    wanted();
    boolean success = result.verdict() == Verdict.SUCCESS;
    counts.count(spec.name(), schedule.kind(), success ? Outcome.SUCCESSFUL : Outcome.FAILED);
    if (!success) {
      complaints.complain(spec.name(), UNHEALTHY, words + "failed: " + result.message());
    } else if (!result.warning().isEmpty()) {
      complaints.complain(spec.name(), "ProbeWarning", words + "warning: " + result.warning());
    }
    ProbeSchedule.Step step = schedule.after(result.verdict(), clock.instant());
    step.verdict()
        .ifPresent(
            verdict ->
                verdicts.accept(
                    new PodEvent.Probed(id, schedule.kind(), verdict, result.message())));
    return step.schedule();
  }

  /** One that cannot be run is tried again at once, as the engine may be busy. */
  private ProbeExecutor.Result result(String ip, ContainerView spec, String id, Probe probe)
      throws EngineException, InterruptedException {
    for (int left = MAX_TRIES - 1; ; left--) {
      try {
        return executor.run(probe.handler(), spec, id, ip, probe.timeout());
      } catch (EngineException e) {
        wanted();
        if (left == 0) {
          throw e;
        }
      }
    }
  }

  /** What was found out about a container that nobody asks about any more counts no more. */
  private static void wanted() throws InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
  }

  @Override
  public void close() {
    running.values().forEach(Thread::interrupt);
    running.clear();
    counts.close();
  }
}
