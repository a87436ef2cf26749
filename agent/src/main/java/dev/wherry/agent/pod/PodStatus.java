package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Stage;
import dev.wherry.agent.pod.ContainerState.Starting;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.ResourceList;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Renders a pod's {@code status} (v1.PodStatus), worded as kubelet does. Pure. */
public final class PodStatus {
  private static final String ID_SCHEME = "podman://";

  private PodStatus() {}

  /**
   * The whole status; members that others own stay as the object has them.
   *
   * @param hostIp the node's address
   */
  public static Obj render(PodState state, String hostIp) {
    Obj status = state.pod().status();
    if (state.lifecycle() == Lifecycle.SETTLED || endsUnseen(state)) {
      return status;
    }
    status =
        status
            .with("phase", phase(state))
            .with("conditions", state.conditions())
            .with("hostIP", hostIp)
            .with("hostIPs", List.of(Obj.of("ip", hostIp)))
            .with("startTime", Times.format(state.startTime()))
            .with("qosClass", qosClass(state))
            .with("containerStatuses", statuses(state, Role.APP));
    if (state.pod().meta().generation() > 0) {
      status = status.with("observedGeneration", state.pod().meta().generation());
    }
    if (!state.ip().isEmpty()) {
      status = status.with("podIP", state.ip()).with("podIPs", List.of(Obj.of("ip", state.ip())));
    }
    if (state.containers().stream().anyMatch(each -> each.role() != Role.APP)) {
      status = status.with("initContainerStatuses", statuses(state, Role.INIT));
    }
    if (state.failure().isPresent()) {
      status =
          status
              .with("reason", state.failure().reason())
              .with("message", state.failure().message());
    }
    return status;
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
    String policy = state.pod().restartPolicy();
    boolean initFailed = false;
    boolean initPending = false;
    for (ContainerState each : state.of(Role.INIT)) {
      if (each.shown() instanceof Terminated end) {
        initFailed |= !end.termination().succeeded() && policy.equals("Never");
        initPending |= !end.termination().succeeded();
      } else {
        initPending = true;
      }
    }
    List<ContainerState> apps = state.of(Role.APP);
    boolean over = apps.stream().allMatch(each -> each.shown() instanceof Terminated);
    if (state.failure().isPresent() && !anyAlive(state)) {
      return "Failed";
    }
    if (initFailed) {
      return "Failed";
    }
    if (initPending && !state.initialized()) {
      return "Pending";
    }
    if (over) {
      return ended(apps, policy);
    }
    boolean waiting =
        apps.stream().anyMatch(each -> each.shown() instanceof Waiting && each.last().isEmpty());
    return waiting ? "Pending" : "Running";
  }

  private static boolean anyAlive(PodState state) {
    return state.containers().stream().anyMatch(ContainerState::isAlive);
  }

  private static String ended(List<ContainerState> apps, String policy) {
    boolean succeeded =
        apps.stream()
            .allMatch(
                each -> each.shown() instanceof Terminated end && end.termination().succeeded());
    return switch (policy) {
      case "Never" -> succeeded ? "Succeeded" : "Failed";
      case "OnFailure" -> succeeded ? "Succeeded" : "Running";
      default -> "Running";
    };
  }

  private static List<Obj> statuses(PodState state, Role role) {
    List<Obj> statuses = new ArrayList<>();
    for (ContainerState each : state.containers()) {
      if ((each.role() == Role.APP) == (role == Role.APP)) {
        statuses.add(status(state, each));
      }
    }
    return statuses;
  }

  private static Obj status(PodState state, ContainerState container) {
    boolean runs = container.stage() instanceof Running || container.stage() instanceof Stopping;
    String image =
        container.image().isEmpty() ? state.spec(container.name()).image() : container.image();
    boolean initDone =
        container.role() == Role.INIT
            && container.stage() instanceof Terminated end
            && end.termination().succeeded();
    Obj.Builder status =
        Obj.builder()
            .put("name", container.name())
            .put("state", stage(container.shown()))
            .put("lastState", container.last().map(PodStatus::terminated).orElse(Obj.EMPTY))
            .put("ready", container.role() == Role.INIT ? initDone : container.ready())
            .put("restartCount", container.restartCount())
            .put("image", image)
            .put("imageID", container.imageId());
    String id = id(container);
    if (!id.isEmpty()) {
      status.put("containerID", ID_SCHEME + id);
    }
    return status.put("started", runs && container.started()).build();
  }

  private static String id(ContainerState container) {
    return container
        .runningId()
        .or(
            () ->
                container.shown() instanceof Terminated end
                    ? Optional.of(end.termination().id())
                    : container.last().map(Termination::id))
        .orElse("");
  }

  private static Obj stage(Stage stage) {
    return switch (stage) {
      case Waiting waiting ->
          Obj.of(
              "waiting",
              Obj.builder()
                  .put("reason", waiting.reason())
                  .putUnlessEmpty("message", waiting.message())
                  .build());
      case Running running -> running(running.startedAt());
      case Stopping stopping -> running(stopping.startedAt());
      case Terminated end -> terminated(end.termination());
      case Starting starting -> stage(starting.before());
    };
  }

  private static Obj running(Instant startedAt) {
    return Obj.of("running", Obj.of("startedAt", Times.format(startedAt)));
  }

  private static Obj terminated(Termination end) {
    Obj.Builder terminated =
        Obj.builder().put("exitCode", end.exitCode()).putUnlessEmpty("reason", end.reason());
    terminated
        .putUnlessEmpty("message", end.message())
        .put("startedAt", Times.format(end.startedAt()))
        .put("finishedAt", Times.format(end.finishedAt()));
    if (!end.id().isEmpty()) {
      terminated.put("containerID", ID_SCHEME + end.id());
    }
    return Obj.of("terminated", terminated.build());
  }

  /** Guaranteed, Burstable or BestEffort, by requests and limits of CPU and memory. */
  static String qosClass(PodState state) {
    boolean any = false;
    boolean guaranteed = true;
    List<ContainerView> all = new ArrayList<>(state.pod().initContainers());
    all.addAll(state.pod().containers());
    for (ContainerView each : all) {
      for (String resource : List.of(ResourceList.CPU, ResourceList.MEMORY)) {
        var limit = each.limits().get(resource).filter(quantity -> quantity.value().signum() > 0);
        var request =
            each.requests().get(resource).filter(quantity -> quantity.value().signum() > 0);
        any |= limit.isPresent() || request.isPresent();
        guaranteed &=
            limit.isPresent() && (request.isEmpty() || request.get().compareTo(limit.get()) == 0);
      }
    }
    return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
  }
}
