package dev.wherry.agent.sync;

import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodAdoption;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodMachine;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodStatus;
import dev.wherry.agent.pod.Transition;
import dev.wherry.agent.probe.ProbeExecutor;
import dev.wherry.agent.probe.Probes;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One pod's virtual thread: takes what happened, steps the state machine, sets the effects going
 * and reports the status once nothing more waits. Effects that block run beside it, so that a
 * deletion does not wait for a pull.
 */
final class PodWorker {
  private static final Logger LOG = LoggerFactory.getLogger(PodWorker.class);

  /** Events waiting; past it one is dropped, and the next relist repairs what it told. */
  private static final int MAX_WAITING = 1024;

  private static final Duration LONGEST_SLEEP = Duration.ofHours(1);

  private final PodEffects effects;
  private final Reports reports;
  private final NodeClock clock;
  private final PodStatus.Host host;
  private final RecentEnds ends;
  private final Consumer<PodWorker> gone;
  private final PodEvents events;
  private final Probes probes;
  private final BlockingQueue<PodEvent> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final ReentrantLock volumes = new ReentrantLock();
  private volatile PodState state;

  /** What the node has given it and its state does not show yet. */
  private volatile Optional<PodView> granted = Optional.empty();

  private Obj reported;

  /**
   * @param ends containers that were seen to end lately
   * @param gone told when nothing of the pod is left
   */
  PodWorker(
      PodView pod,
      PodEffects effects,
      EventRecorder recorder,
      ProbeExecutor executor,
      Reports reports,
      NodeClock clock,
      PodStatus.Host host,
      RecentEnds ends,
      Consumer<PodWorker> gone) {
    this.effects = effects;
    this.reports = reports;
    this.clock = clock;
    this.host = host;
    this.ends = ends;
    this.gone = gone;
    this.state = PodAdoption.adopt(pod, List.of(), Optional.empty(), clock.now());
    this.reported = Obj.EMPTY; // the master may not know what the agent before this one saw
    this.events = new PodEvents(recorder, state);
    this.probes =
        new Probes(
            pod,
            executor,
            clock::timer,
            this::post,
            (container, reason, message) ->
                events.record(new Effect.Record(Effect.Type.WARNING, reason, message, container)));
  }

  /** Starts the pod's thread; {@code seen} is what an agent before this one left running. */
  void start(List<ContainerObservation> seen) {
    Thread.ofVirtual().name("pod " + state.pod().key()).start(() -> run(seen));
  }

  PodState state() {
    return state;
  }

  /** The pod with the resources that it holds of the node's. */
  PodView counted() {
    return granted.orElse(state.pod());
  }

  /** Has it count with these resources from now on. */
  void grant(PodView pod) {
    granted = Optional.of(pod);
  }

  /** Never blocks. */
  void post(PodEvent event) {
    if (!waiting.offer(event)) {
      LOG.error("pod {}: {} events wait, dropping {}", state.pod().key(), MAX_WAITING, event);
    }
  }

  /** Renews what volumes hold of tokens where it is due. */
  void keepVolumes() {
    if (effects.volumesAreDue(state)) {
      refreshVolumes();
    }
  }

  /** Makes objects' files follow their objects, beside the pod's own course. */
  void refreshVolumes() {
    Thread.startVirtualThread(
        () -> {
          volumes.lock();
          try {
            if (!state.ip().isEmpty() && state.lifecycle() == Lifecycle.ACTIVE) {
              effects.refreshVolumes(state, events);
            }
          } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
          } finally {
            volumes.unlock();
          }
        });
  }

  private void run(List<ContainerObservation> seen) {
    try (probes) {
      PodView pod = state.pod();
      if (seen.isEmpty()) {
        state = PodAdoption.counting(state, effects.loggedRuns(pod));
      } else {
        effects.adopt(pod);
        List<ContainerObservation> known = effects.explained(pod, seen);
        state = PodAdoption.adopt(pod, known, effects.sandboxIp(pod), clock.now());
      }
      if (state.pod().isTerminating()) {
        step(new PodEvent.Desired(state.pod()));
      } else {
        // A pod that the node will not have was told so before anything is done for it.
        PodEvent first = waiting.poll();
        step(first == null ? new PodEvent.Tick() : first);
      }
      while (state.lifecycle() != Lifecycle.GONE) {
        report();
        @Nullable PodEvent event = next();
        step(event == null ? new PodEvent.Tick() : event);
        for (event = waiting.poll(); event != null; event = waiting.poll()) {
          step(event);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      gone.accept(this);
    }
  }

  private @Nullable PodEvent next() throws InterruptedException {
    Instant now = clock.timer();
    Optional<Instant> wake = state.wakeAt(now);
    if (wake.isEmpty()) {
      return waiting.take();
    }
    Instant latest = now.plus(LONGEST_SLEEP);
    Duration sleep = Duration.between(now, wake.get().isAfter(latest) ? latest : wake.get());
    return waiting.poll(sleep.toNanos() + 1, TimeUnit.NANOSECONDS);
  }

  private void step(PodEvent event) throws InterruptedException {
    PodView before = state.pod();
    Transition transition = PodMachine.step(state, event, clock.now());
    state = transition.state();
    if (event instanceof PodEvent.Allocated) {
      granted = Optional.empty();
    }
    if (VolumeUse.showsChange(before, state.pod())) {
      refreshVolumes();
    }
    events.follow(state);
    LOG.debug("pod {}: {} -> {}", state.pod().key(), event, transition.effects());
    for (Effect effect : transition.effects()) {
      perform(effect);
    }
    if (event instanceof PodEvent.Started started && ends.contains(started.seen().id())) {
      // It ended before anybody knew its id.
      look(started.seen().id());
    }
    probes.follow(state);
  }

  private void perform(Effect effect) throws InterruptedException {
    switch (effect) {
      case Effect.Record record -> events.record(record);
      case Effect.ReportGone gone -> effects.run(state, gone, events);
      case Effect.CleanUp _ -> {
        report();
        beside(effect);
      }
      default -> beside(effect);
    }
  }

  private void beside(Effect effect) {
    PodState now = state;
    Thread.ofVirtual()
        .name("effect " + effect.getClass().getSimpleName())
        .start(
            () -> {
              boolean locks = effect instanceof Effect.Prepare || effect instanceof Effect.CleanUp;
              if (locks) {
                volumes.lock();
              }
              try {
                effects.run(now, effect, events).ifPresent(this::post);
              } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                LOG.error("pod {}: {} failed", now.pod().key(), effect, e);
                answerOf(effect, e).ifPresent(this::post);
              } finally {
                if (locks) {
                  volumes.unlock();
                }
              }
            });
  }

  /** An effect that fails by our own fault is answered too: its pod must not wait for ever. */
  private static Optional<PodEvent> answerOf(Effect effect, RuntimeException e) {
    return switch (effect) {
      case Effect.Prepare _ ->
          Optional.of(new PodEvent.PrepareFailed("FailedCreatePodSandBox", e.toString()));
      case Effect.Start start ->
          Optional.of(
              new PodEvent.StartFailed(
                  start.container(),
                  new PodEvent.Failure(
                      PodEvent.Failure.Stage.CREATE, "CreateContainerError", e.toString())));
      case Effect.CleanUp _ -> Optional.of(new PodEvent.CleanUpFailed(e.toString()));
      case Effect.Resize _ -> Optional.of(new PodEvent.ResizeFailed(e.toString()));
      case Effect.Allocate ask ->
          Optional.of(new PodEvent.NotAllocated(ask.wanted(), "Deferred", e.toString()));
      case Effect.PostStart hook -> failed(hook.id(), PodEvent.Hook.POST_START);
      case Effect.PreStop hook -> failed(hook.id(), PodEvent.Hook.PRE_STOP);
      default -> Optional.empty();
    };
  }

  private static Optional<PodEvent> failed(String id, PodEvent.Hook hook) {
    return Optional.of(new PodEvent.HookDone(id, hook, PodEvent.Verdict.FAILURE));
  }

  /**
   * Compares what is believed of the pod's containers with what the engine has.
   *
   * @param all of the engine's containers
   * @param listedAt by the timer, before the list was asked for
   */
  void compare(List<ContainerObservation> all, Instant listedAt) {
    PodUid uid = state.pod().uid();
    List<ContainerObservation> ours =
        all.stream().filter(each -> each.podUid().equals(uid)).toList();
    post(new PodEvent.Listed(ours, listedAt));
    for (ContainerObservation each : ours) {
      if (state.runs(each.id()) && !each.isRunning()) {
        look(each.id());
      }
    }
  }

  /** Looks whether this container has ended. */
  void look(String containerId) {
    Thread.startVirtualThread(() -> effects.look(containerId).ifPresent(this::post));
  }

  private void report() {
    Obj status = PodStatus.render(state, host);
    if (!status.equals(reported)) {
      reported = status;
      reports.podStatus(state.pod().key(), state.pod().uid(), status);
    }
  }
}
