package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerObservation.Phase;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.PodState.Failure;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import dev.wherry.api.view.ContainerStatusView;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * The first state of a pod, new or found running by an agent that has just started: what runs is
 * taken as it is, what ended meanwhile counts as ended now. Pure.
 */
public final class PodAdoption {
  private PodAdoption() {}

  /**
   * @param seen the pod's containers, in any order
   * @param ip of its sandbox where that is whole; empty: there is none
   */
  public static PodState adopt(
      PodView pod, List<ContainerObservation> seen, Optional<String> ip, Instant now) {
    boolean settled = pod.isFinished() && seen.isEmpty();
    boolean hasInit = !pod.initContainers().isEmpty();
    List<ContainerState> containers = new ArrayList<>();
    for (ContainerView each : pod.initContainers()) {
      Role role = each.isSidecar() ? Role.SIDECAR : Role.INIT;
      containers.add(container(pod, each, role, seen, "PodInitializing"));
    }
    for (ContainerView each : pod.containers()) {
      containers.add(
          container(pod, each, Role.APP, seen, hasInit ? "PodInitializing" : "ContainerCreating"));
    }
    boolean appsRan =
        containers.stream().anyMatch(each -> each.role() == Role.APP && each.runs() > 0);
    boolean whole = ip.isPresent() && !seen.isEmpty();
    return new PodState(
        pod,
        settled ? Lifecycle.SETTLED : Lifecycle.ACTIVE,
        whole ? new Sandbox.Ready(ip.get()) : new Sandbox.Absent(),
        List.copyOf(containers),
        whole && appsRan,
        pod.startTime().orElse(now),
        pod.status().objs("conditions"),
        pod.phase().equals("Failed") && !pod.status().string("reason").isEmpty()
            ? new Failure(pod.status().string("reason"), pod.status().string("message"))
            : Failure.NONE,
        Optional.empty(),
        0);
  }

  private static ContainerState container(
      PodView pod,
      ContainerView spec,
      Role role,
      List<ContainerObservation> seen,
      String waitingFor) {
    List<ContainerObservation> runs =
        seen.stream()
            .filter(each -> each.name().equals(spec.name()) && each.phase() != Phase.CREATED)
            .sorted(Comparator.comparingInt(ContainerObservation::attempt))
            .toList();
    ContainerState state = ContainerState.fresh(spec.name(), role, waitingFor);
    if (runs.isEmpty()) {
      return remembered(pod, state);
    }
    ContainerObservation newest = runs.getLast();
    List<String> ended =
        runs.stream().filter(each -> !each.isRunning()).map(ContainerObservation::id).toList();
    state = state.withRun(newest.attempt() + 1, newest.image(), newest.imageId()).withEnded(ended);
    if (runs.size() > 1) {
      state = state.withLast(Termination.of(runs.get(runs.size() - 2), newest.startedAt()));
    }
    return newest.isRunning()
        ? running(pod, spec, state, newest)
        : state.terminated(Termination.of(newest, newest.finishedAt()));
  }

  /** A restart count does not go back because the containers are gone after a reboot. */
  private static ContainerState remembered(PodView pod, ContainerState state) {
    return status(pod, state.name())
        .filter(status -> !status.containerId().isEmpty())
        .map(status -> state.withRun(status.restartCount() + 1, "", ""))
        .orElse(state);
  }

  private static Optional<ContainerStatusView> status(PodView pod, String name) {
    List<ContainerStatusView> all = new ArrayList<>(pod.containerStatuses());
    all.addAll(pod.initContainerStatuses());
    return all.stream().filter(each -> each.name().equals(name)).findFirst();
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
    return state.with(new Running(newest.id(), newest.startedAt())).withProbes(started, ready);
  }
}
