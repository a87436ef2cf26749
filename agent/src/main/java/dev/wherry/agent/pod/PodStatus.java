package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.function.Function;

/** Renders a pod's {@code status} (v1.PodStatus), worded as kubelet does. Pure. */
public final class PodStatus {
  private PodStatus() {}

  /**
   * Where a pod runs.
   *
   * @param ips the node's addresses, that of IPv4 first
   * @param engine as the scheme of its containers' ids has it: {@code podman}
   * @param podIps all addresses of a pod by its first
   */
  public record Host(List<String> ips, String engine, Function<String, List<String>> podIps) {
    String ip() {
      return ips.getFirst();
    }

    /** All addresses of a pod, which are the node's where it is in the node's network. */
    private List<String> allOf(String ip) {
      return ip.equals(ip()) ? ips : podIps.apply(ip);
    }
  }

  private static List<Obj> entries(List<String> ips) {
    return ips.stream().map(ip -> Obj.of("ip", ip)).toList();
  }

  /** The whole status; members that others own stay as the object has them. */
  public static Obj render(PodState state, Host host) {
    Obj status = state.pod().status();
    if (state.lifecycle() == Lifecycle.SETTLED || endsUnseen(state)) {
      return status;
    }
    status =
        status
            .with("phase", phase(state))
            .with("conditions", state.conditions())
            .with("hostIP", host.ip())
            .with("hostIPs", entries(host.ips()))
            .with("startTime", Times.format(state.startTime()))
            .with("qosClass", QosClass.of(state.pod()).word());
    Obj resources = PodResize.ofPod(state.pod());
    if (!resources.isEmpty()) {
      status =
          status
              .with("resources", state.resize().groupHas().orElse(resources))
              .with("allocatedResources", resources.obj("requests"));
    }
    if (state.pod().meta().generation() > 0) {
      status = status.with("observedGeneration", state.pod().meta().generation());
    }
    if (!state.ip().isEmpty()) {
      status = status.with("podIP", state.ip()).with("podIPs", entries(host.allOf(state.ip())));
    }
    if (state.failure().isPresent()) {
      status =
          status
              .with("reason", state.failure().reason())
              .with("message", state.failure().message());
    }
    // Of a pod that was not taken there are no containers to tell of: its reason is what users see.
    return state.failure().isRejection()
        ? status
        : withContainers(status, state, new ContainerStatuses(host.engine()));
  }

  private static Obj withContainers(Obj told, PodState state, ContainerStatuses containers) {
    Obj status = told.with("containerStatuses", containers.render(state, role -> role == Role.APP));
    List<Obj> inits = containers.render(state, Role::isInit);
    if (!inits.isEmpty()) {
      status = status.with("initContainerStatuses", inits);
    }
    List<Obj> ephemeral = containers.render(state, role -> role == Role.EPHEMERAL);
    return ephemeral.isEmpty() ? status : status.with("ephemeralContainerStatuses", ephemeral);
  }

  /**
   * A deleted pod of which nothing was here: what its status says of its end is not ours to undo.
   */
  private static boolean endsUnseen(PodState state) {
    return state.lifecycle() != Lifecycle.ACTIVE
        && state.containers().stream()
            .allMatch(each -> each.shown() instanceof Waiting && each.last().isEmpty());
  }

  static String phase(Draft draft) {
    return phase(draft.state());
  }

  /** The pod's phase (kubelet: getPhase). */
  public static String phase(PodState state) {
    if (state.lifecycle() == Lifecycle.SETTLED) {
      return state.pod().phase();
    }
    boolean initFailed = false;
    boolean initPending = false;
    for (ContainerState each : state.of(Role.INIT)) {
      if (each.shown() instanceof Terminated end) {
        initFailed |= !end.termination().succeeded() && !Restarts.again(state, each, end);
        initPending |= !end.termination().succeeded();
      } else {
        initPending = true;
      }
    }
    if (!anyAlive(state) && (state.failure().isPresent() || initFailed)) {
      return "Failed";
    }
    List<ContainerState> apps = state.of(Role.APP);
    boolean over = apps.stream().allMatch(each -> each.shown() instanceof Terminated);
    if (state.lifecycle() == Lifecycle.CLEANING || state.lifecycle() == Lifecycle.GONE) {
      // A deleted pod ends in a phase that no controller waits for (Kubernetes: Pod Lifecycle).
      return over && allSucceeded(apps) ? "Succeeded" : "Failed";
    }
    if (initFailed) {
      return "Failed";
    }
    boolean appsRun = apps.stream().anyMatch(each -> each.runningId().isPresent());
    if (initPending && !state.initialized() && !appsRun) {
      return "Pending";
    }
    if (over) {
      boolean restarts =
          apps.stream()
              .anyMatch(
                  each ->
                      each.shown() instanceof Terminated end && Restarts.again(state, each, end));
      return restarts ? "Running" : allSucceeded(apps) ? "Succeeded" : "Failed";
    }
    boolean waiting =
        apps.stream().anyMatch(each -> each.shown() instanceof Waiting && each.last().isEmpty());
    return waiting ? "Pending" : "Running";
  }

  private static boolean allSucceeded(List<ContainerState> apps) {
    return apps.stream()
        .allMatch(each -> each.shown() instanceof Terminated end && end.termination().succeeded());
  }

  /** Whether it has succeeded or failed for good. */
  static boolean isOver(PodState state) {
    String phase = phase(state);
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  private static boolean anyAlive(PodState state) {
    return state.containers().stream().anyMatch(ContainerState::isAlive);
  }
}
