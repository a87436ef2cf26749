package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.PodState.Failure;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerStatusView;
import dev.wherry.api.view.ContainerStatusView.State;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The first state of a pod, new or found running by an agent that has just started: what runs is
 * taken as it is, what ended meanwhile counts as ended now, and what was told of an end before
 * stays so. Pure.
 */
public final class PodAdoption {
  private PodAdoption() {}

  /**
   * @param seen the pod's containers, in any order
   * @param ip of its sandbox where that is whole; empty: there is none
   */
  public static PodState adopt(
      PodView wanted, List<ContainerObservation> seen, Optional<String> ip, Moment now) {
    PodView pod = PodResize.with(wanted, given(wanted), ofPod(wanted));
    boolean settled = pod.isFinished() && seen.isEmpty();
    boolean hasInit = !pod.initContainers().isEmpty();
    List<ContainerState> containers = new ArrayList<>();
    for (ContainerView each : pod.initContainers()) {
      Role role = each.isSidecar() ? Role.SIDECAR : Role.INIT;
      containers.add(container(pod, each, role, seen, "PodInitializing", now));
    }
    String waitingFor = hasInit ? "PodInitializing" : "ContainerCreating";
    for (ContainerView each : pod.containers()) {
      containers.add(container(pod, each, Role.APP, seen, waitingFor, now));
    }
    for (ContainerView each : pod.ephemeralContainers()) {
      containers.add(container(pod, each, Role.EPHEMERAL, seen, waitingFor, now));
    }
    boolean appsRan =
        containers.stream().anyMatch(each -> each.role() == Role.APP && each.runs() > 0);
    boolean whole = ip.isPresent() && !seen.isEmpty();
    return new PodState(
        pod,
        settled ? Lifecycle.SETTLED : Lifecycle.ACTIVE,
        whole ? new Sandbox.Ready(ip.get()) : new Sandbox.Absent(),
        List.copyOf(containers),
        appsRan && (whole || pod.isFinished()),
        pod.startTime().orElse(now.wall()),
        now.timerOf(pod.startTime().orElse(now.wall())),
        pod.status().objs("conditions"),
        pod.phase().equals("Failed") && !pod.status().string("reason").isEmpty()
            ? new Failure(pod.status().string("reason"), pod.status().string("message"))
            : Failure.NONE,
        PodState.ANY_GRACE,
        Optional.empty(),
        0,
        pod.equals(wanted)
            ? Resize.NONE
            : Resize.NONE.asking(new Resize.Ask.Held(wanted, "", "", Optional.of(now.timer()))),
        "");
  }

  /**
   * The same with at least so many runs behind its containers. After a reboot the engine has
   * forgotten them all, and of the latest no status was kept; their logs are there, and the next
   * run must not be counted as one of them.
   *
   * @param runs by container
   */
  public static PodState counting(PodState state, Map<String, Integer> runs) {
    return state.withContainers(
        state.containers().stream()
            .map(each -> each.counting(runs.getOrDefault(each.name(), 0)))
            .toList());
  }

  /** What its containers had when their status was told last. */
  private static Map<String, Obj> given(PodView pod) {
    Map<String, Obj> given = new HashMap<>();
    for (ContainerStatusView each : statuses(pod)) {
      if (!each.containerId().isEmpty() && !each.tree().obj("resources").isEmpty()) {
        given.put(each.name(), each.tree().obj("resources"));
      }
    }
    return given;
  }

  /** What it had as a whole; a pod that asks for nothing so has nothing told. */
  private static Obj ofPod(PodView pod) {
    Obj told = pod.status().obj("resources");
    return told.isEmpty() ? PodResize.ofPod(pod) : told;
  }

  private static List<ContainerStatusView> statuses(PodView pod) {
    List<ContainerStatusView> all = new ArrayList<>(pod.containerStatuses());
    all.addAll(pod.initContainerStatuses());
    all.addAll(pod.ephemeralContainerStatuses());
    return all;
  }

  private static ContainerState container(
      PodView pod,
      ContainerView spec,
      Role role,
      List<ContainerObservation> seen,
      String waitingFor,
      Moment now) {
    List<ContainerObservation> runs =
        seen.stream()
            .filter(each -> each.name().equals(spec.name()) && each.phase() != Phase.CREATED)
            .sorted(Comparator.comparingInt(ContainerObservation::attempt))
            .toList();
    ContainerState state = ContainerState.fresh(spec.name(), role, waitingFor);
    List<String> ended =
        runs.stream().filter(each -> !each.isRunning()).map(ContainerObservation::id).toList();
    int counted =
        status(pod, spec.name())
            .filter(PodAdoption::everRan)
            .map(ContainerStatusView::restartCount)
            .orElse(0);
    if (runs.isEmpty() || counted > runs.getLast().attempt()) {
      // The latest run is lost: an engine forgets what ran when the machine went down.
      return remembered(pod, state.withEnded(ended), now);
    }
    ContainerObservation newest = runs.getLast();
    state = state.withRun(newest.attempt() + 1, newest.image(), newest.imageId()).withEnded(ended);
    if (runs.size() > 1) {
      state = state.withLast(ended(pod, runs.get(runs.size() - 2), newest.startedAt()));
    } else {
      state =
          status(pod, spec.name())
              .filter(each -> each.restartCount() == newest.attempt())
              .flatMap(ContainerStatusView::lastState)
              .flatMap(PodAdoption::ended)
              .map(state::withLast)
              .orElse(state);
    }
    return newest.isRunning()
        ? running(pod, spec, state.withSince(now.timerOf(newest.startedAt())), newest)
        : state.terminated(
            ended(pod, newest, newest.finishedAt()), now.timerOf(newest.finishedAt()));
  }

  /**
   * After a reboot the containers are gone, but not what the status says of them: what ended has
   * ended, what ran was lost, and a restart count does not go back.
   */
  private static ContainerState remembered(PodView pod, ContainerState state, Moment now) {
    return status(pod, state.name())
        .filter(PodAdoption::everRan)
        .map(status -> remembered(status, state.withRun(status.restartCount() + 1, "", ""), now))
        .orElse(state);
  }

  /** One that cannot be started is counted, but has no container. */
  private static boolean everRan(ContainerStatusView status) {
    return !status.containerId().isEmpty() || status.restartCount() > 0;
  }

  private static ContainerState remembered(
      ContainerStatusView status, ContainerState state, Moment now) {
    ContainerState known =
        status.lastState().flatMap(PodAdoption::ended).map(state::withLast).orElse(state);
    Optional<Termination> end =
        switch (status.state()) {
          case State.Running running ->
              Optional.of(
                  Termination.lost(
                      id(status.containerId()),
                      running.startedAt().orElse(now.wall()),
                      now.wall()));
          case State.Terminated terminated -> ended(terminated);
          case State.Waiting _ -> known.last();
        };
    return end.map(each -> known.with(new Terminated(each)).withSince(now.timer())).orElse(known);
  }

  /** Whether the status says how this one ended. */
  public static boolean isTold(PodView pod, ContainerObservation seen) {
    return told(pod, seen).isPresent();
  }

  /** An end stays what it was told to be: its cause is to be seen when it comes, not later. */
  private static Termination ended(PodView pod, ContainerObservation seen, Instant now) {
    return told(pod, seen).orElseGet(() -> Termination.of(seen, now));
  }

  private static Optional<Termination> told(PodView pod, ContainerObservation seen) {
    return status(pod, seen.name()).stream()
        .flatMap(each -> Stream.concat(Stream.of(each.state()), each.lastState().stream()))
        .flatMap(state -> ended(state).stream())
        .filter(end -> end.id().equals(seen.id()))
        .findFirst();
  }

  private static Optional<Termination> ended(State state) {
    return state instanceof State.Terminated end
        ? Optional.of(
            new Termination(
                id(end.containerId()),
                end.exitCode(),
                end.reason(),
                end.message(),
                end.startedAt().orElse(Instant.EPOCH),
                end.finishedAt().orElse(Instant.EPOCH)))
        : Optional.empty();
  }

  private static String id(String withScheme) {
    return withScheme.substring(withScheme.indexOf("://") < 0 ? 0 : withScheme.indexOf("://") + 3);
  }

  private static Optional<ContainerStatusView> status(PodView pod, String name) {
    return statuses(pod).stream().filter(each -> each.name().equals(name)).findFirst();
  }

  private static ContainerState running(
      PodView pod, ContainerView spec, ContainerState state, ContainerObservation newest) {
    Optional<ContainerStatusView> before =
        status(pod, spec.name()).filter(each -> each.containerId().endsWith(newest.id()));
    boolean started =
        spec.startupProbe().isEmpty() || before.filter(ContainerStatusView::started).isPresent();
    boolean ready =
        started
            && (spec.readinessProbe().isEmpty()
                || before.filter(ContainerStatusView::ready).isPresent());
    return state
        .with(new Running(newest.id(), newest.startedAt()))
        .withProbes(started, ready)
        .withUser(before.flatMap(ContainerUsers::read))
        .withApplied(PodResize.resources(spec));
  }
}
