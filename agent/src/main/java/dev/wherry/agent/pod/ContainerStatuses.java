package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Hooking;
import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Stage;
import dev.wherry.agent.pod.ContainerState.Starting;
import dev.wherry.agent.pod.ContainerState.Stopping;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.ContainerState.Waiting;
import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.VolumeMount;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Renders a pod's containers' statuses (v1.ContainerStatus), worded as kubelet does. Pure.
 *
 * @param engine as the scheme of its containers' ids has it: {@code podman}
 */
record ContainerStatuses(String engine) {
  /**
   * Of a container that never came to its end in a pod that is over (kubelet: TerminatePod). Nobody
   * knows when, so there are no times.
   */
  private static final Obj UNKNOWN =
      Obj.of(
          "terminated",
          Obj.of(
              "exitCode",
              137,
              "reason",
              Termination.UNKNOWN,
              "message",
              "The container could not be located when the pod was terminated"));

  private static final String SCHEME = "://";

  /** Of all termination messages of a pod together (v1.Container). */
  static final int MAX_MESSAGES_BYTES = 12 * 1024;

  List<Obj> render(PodState state, Predicate<Role> roles) {
    int room = MAX_MESSAGES_BYTES / Math.max(1, state.containers().size());
    List<Obj> statuses = new ArrayList<>();
    for (ContainerState each : state.containers()) {
      if (roles.test(each.role())) {
        statuses.add(status(state, each, room));
      }
    }
    return statuses;
  }

  private Obj status(PodState state, ContainerState container, int room) {
    ContainerView spec = state.spec(container.name());
    boolean runs = container.stage() instanceof Running || container.stage() instanceof Stopping;
    boolean initDone =
        container.role() == Role.INIT
            && container.stage() instanceof Terminated end
            && end.termination().succeeded();
    Obj.Builder status =
        Obj.builder()
            .put("name", container.name())
            .put("state", isLost(state, container) ? UNKNOWN : stage(container.shown(), room))
            .put("lastState", container.last().map(end -> terminated(end, room)).orElse(Obj.EMPTY))
            .put("ready", container.role() == Role.INIT ? initDone : container.ready())
            .put("restartCount", container.restartCount())
            .put("image", container.image().isEmpty() ? spec.image() : container.image())
            .put("imageID", container.imageId())
            .putUnlessEmpty("stopSignal", spec.stopSignal())
            .putUnlessEmpty("allocatedResources", spec.requests().tree())
            .putUnlessEmpty("resources", resources(container, spec));
    if (!spec.volumeMounts().isEmpty()) {
      status.put(
          "volumeMounts", spec.volumeMounts().stream().map(ContainerStatuses::mount).toList());
    }
    String id = id(container);
    if (!id.isEmpty()) {
      status.put("containerID", engine + SCHEME + id);
    }
    container.user().ifPresent(user -> status.put("user", ContainerUsers.render(user)));
    return status.put("started", runs && container.started()).build();
  }

  /**
   * Whether a container that waits in a pod that is over would have had to run: an app's once the
   * init containers are done, an init container where it or one after it was ever started, and the
   * first one.
   */
  private static boolean isLost(PodState state, ContainerState container) {
    if (!(container.shown() instanceof Waiting) || !PodStatus.isOver(state)) {
      return false;
    }
    return switch (container.role()) {
      case APP -> mayHaveStarted(state);
      case INIT, SIDECAR -> {
        List<ContainerState> inits =
            state.containers().stream().filter(each -> each.role().isInit()).toList();
        int place = inits.indexOf(container);
        yield place == 0
            || inits.subList(place, inits.size()).stream().anyMatch(ContainerStatuses::everRan);
      }
      case EPHEMERAL -> false;
    };
  }

  /** Whether nothing keeps the pod from having run its app containers. */
  private static boolean mayHaveStarted(PodState state) {
    return state.initialized()
        || state.pod().initContainers().isEmpty()
        || state.of(Role.APP).stream().anyMatch(ContainerStatuses::everRan);
  }

  private static boolean everRan(ContainerState container) {
    return !(container.shown() instanceof Waiting) || container.last().isPresent();
  }

  /** What it has; before its first run what it will have. */
  private static Obj resources(ContainerState container, ContainerView spec) {
    return container.applied().isEmpty() ? PodResize.resources(spec) : container.applied();
  }

  /** v1.VolumeMountStatus; {@code IfPossible} is possible here. */
  private static Obj mount(VolumeMount mount) {
    Obj.Builder status =
        Obj.builder().put("name", mount.name()).put("mountPath", mount.mountPath());
    if (mount.readOnly()) {
      status
          .put("readOnly", true)
          .put("recursiveReadOnly", mount.isRecursivelyReadOnly() ? "Enabled" : "Disabled");
    }
    return status.build();
  }

  private static String id(ContainerState container) {
    return switch (container.shown()) {
      case Hooking hooking -> hooking.id();
      case Running running -> running.id();
      case Stopping stopping -> stopping.id();
      case Terminated end -> end.termination().id();
      case Waiting _, Starting _ -> container.last().map(Termination::id).orElse("");
    };
  }

  private Obj stage(Stage stage, int room) {
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
      case Terminated end -> terminated(end.termination(), room);
      case Starting starting -> stage(starting.before(), room);
      case Hooking hooking -> stage(hooking.before(), room);
    };
  }

  private static Obj running(Instant startedAt) {
    return Obj.of("running", Obj.of("startedAt", Times.format(startedAt)));
  }

  private Obj terminated(Termination end, int room) {
    Obj.Builder terminated =
        Obj.builder().put("exitCode", end.exitCode()).putUnlessEmpty("reason", end.reason());
    terminated
        .putUnlessEmpty("message", cut(end.message(), room))
        .put("startedAt", Times.format(end.startedAt()))
        .put("finishedAt", Times.format(end.finishedAt()));
    if (!end.id().isEmpty()) {
      terminated.put("containerID", engine + SCHEME + end.id());
    }
    return Obj.of("terminated", terminated.build());
  }

  /** At most so many bytes of UTF-8, whole characters. */
  static String cut(String text, int room) {
    int bytes = 0;
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      bytes += character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
      if (bytes > room) {
        return text.substring(0, i);
      }
      i += Character.charCount(character);
    }
    return text;
  }
}
