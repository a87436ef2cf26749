package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Durations;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** How {@code kubectl get pods} sums a pod up (Kubernetes' printers). Pure. */
final class PodCells {
  private PodCells() {}

  /** {@code 1/2}: containers that are ready, of all; sidecars count as containers. */
  static String ready(Obj pod) {
    int total = pod.obj("spec").list("containers").size();
    int ready = 0;
    for (Obj init : pod.obj("spec").objs("initContainers")) {
      if (isSidecar(init)) {
        total++;
      }
    }
    for (Obj status : pod.obj("status").objs("containerStatuses")) {
      ready += status.flag("ready") && isRunning(status) ? 1 : 0;
    }
    for (Obj status : pod.obj("status").objs("initContainerStatuses")) {
      boolean counts = isSidecar(initContainer(pod, status.string("name")));
      ready += counts && status.flag("ready") ? 1 : 0;
    }
    return ready + "/" + total;
  }

  private static boolean isSidecar(Obj initContainer) {
    return initContainer.string("restartPolicy").equals("Always");
  }

  private static Obj initContainer(Obj pod, String name) {
    for (Obj container : pod.obj("spec").objs("initContainers")) {
      if (container.string("name").equals(name)) {
        return container;
      }
    }
    return Obj.EMPTY;
  }

  private static boolean isRunning(Obj status) {
    return status.obj("state").has("running");
  }

  /** The one word that says best how the pod is. */
  static String status(Obj pod) {
    Obj status = pod.obj("status");
    String reason = reason(pod);
    if (Meta.of(pod).isTerminating()) {
      boolean lost = status.string("reason").equals("NodeLost");
      boolean over = List.of("Succeeded", "Failed").contains(status.string("phase"));
      return lost ? "Unknown" : over ? reason : "Terminating";
    }
    return reason;
  }

  private static String reason(Obj pod) {
    Obj status = pod.obj("status");
    Optional<String> initializing = initializing(pod);
    if (initializing.isPresent() && !holds(status, "Initialized")) {
      return initializing.get();
    }
    // A sidecar may crash later: then the containers have the last word.
    return ofContainers(status, initializing.orElseGet(() -> ofPod(status)));
  }

  private static String ofPod(Obj status) {
    for (Obj condition : status.objs("conditions")) {
      if (condition.string("type").equals("PodScheduled")
          && condition.string("reason").equals("SchedulingGated")) {
        return "SchedulingGated";
      }
    }
    return status.string("reason", status.string("phase"));
  }

  /** What the init containers say while they are not done. */
  private static Optional<String> initializing(Obj pod) {
    List<Obj> statuses = pod.obj("status").objs("initContainerStatuses");
    int total = pod.obj("spec").list("initContainers").size();
    for (int i = 0; i < statuses.size(); i++) {
      Obj state = statuses.get(i).obj("state");
      Obj terminated = state.obj("terminated");
      if (state.has("terminated") && terminated.number("exitCode", 0) == 0) {
        continue;
      }
      boolean sidecarUp =
          isSidecar(initContainer(pod, statuses.get(i).string("name")))
              && statuses.get(i).flag("started");
      if (sidecarUp) {
        continue;
      }
      if (state.has("terminated")) {
        return Optional.of("Init:" + ended(terminated));
      }
      String waiting = state.obj("waiting").string("reason");
      return Optional.of(
          waiting.isEmpty() || waiting.equals("PodInitializing")
              ? "Init:" + i + "/" + total
              : "Init:" + waiting);
    }
    return Optional.empty();
  }

  /**
   * @param without what is said where no container has anything to say
   */
  private static String ofContainers(Obj status, String without) {
    String reason = without;
    boolean running = false;
    List<Obj> statuses = status.objs("containerStatuses");
    for (int i = statuses.size() - 1; i >= 0; i--) {
      Obj state = statuses.get(i).obj("state");
      String waiting = state.obj("waiting").string("reason");
      if (!waiting.isEmpty()) {
        reason = waiting;
      } else if (state.has("terminated")) {
        reason = ended(state.obj("terminated"));
      } else if (statuses.get(i).flag("ready") && isRunning(statuses.get(i))) {
        running = true;
      }
    }
    if (reason.equals("Completed") && running) {
      return holds(status, "Ready") ? "Running" : "NotReady";
    }
    return reason;
  }

  private static boolean holds(Obj status, String type) {
    for (Obj condition : status.objs("conditions")) {
      if (condition.string("type").equals(type)) {
        return condition.string("status").equals("True");
      }
    }
    return false;
  }

  private static String ended(Obj terminated) {
    if (!terminated.string("reason").isEmpty()) {
      return terminated.string("reason");
    }
    return terminated.number("signal", 0) != 0
        ? "Signal:" + terminated.number("signal", 0)
        : "ExitCode:" + terminated.number("exitCode", 0);
  }

  /** {@code 3}, or {@code 3 (5m ago)} with the last end of a container. */
  static Object restarts(Obj pod, Instant now) {
    long restarts = 0;
    Instant last = Instant.MIN;
    boolean initializing =
        initializing(pod).isPresent() && !holds(pod.obj("status"), "Initialized");
    for (Obj status : pod.obj("status").objs("initContainerStatuses")) {
      if (initializing || isSidecar(initContainer(pod, status.string("name")))) {
        restarts += status.number("restartCount", 0);
        last = later(last, status);
      }
    }
    if (!initializing) {
      for (Obj status : pod.obj("status").objs("containerStatuses")) {
        restarts += status.number("restartCount", 0);
        last = later(last, status);
      }
    }
    return restarts == 0 || last.equals(Instant.MIN)
        ? Long.toString(restarts)
        : restarts + " (" + Durations.human(Duration.between(last, now)) + " ago)";
  }

  private static Instant later(Instant last, Obj status) {
    String finished = status.at("lastState", "terminated").string("finishedAt");
    return Meta.Times.parse(finished).filter(end -> end.isAfter(last)).orElse(last);
  }

  static String readinessGates(Obj pod) {
    List<Obj> gates = pod.obj("spec").objs("readinessGates");
    if (gates.isEmpty()) {
      return Cells.NONE;
    }
    int passed = 0;
    for (Obj gate : gates) {
      for (Obj condition : pod.obj("status").objs("conditions")) {
        if (condition.string("type").equals(gate.string("conditionType"))) {
          passed += condition.string("status").equals("True") ? 1 : 0;
        }
      }
    }
    return passed + "/" + gates.size();
  }
}
