package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Role;
import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.ContainerState.Terminated;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.PodState.Sandbox;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A pod's conditions as kubelet words them. Pure. */
final class PodConditions {
  private static final String SANDBOX = "PodReadyToStartContainers";
  private static final String INITIALIZED = "Initialized";
  private static final String READY = "Ready";
  private static final String CONTAINERS_READY = "ContainersReady";
  private static final String SCHEDULED = "PodScheduled";
  private static final String DISRUPTED = "DisruptionTarget";
  private static final List<String> DISRUPTIONS = List.of("Evicted", "Preempting");
  private static final List<String> OURS =
      List.of(SANDBOX, INITIALIZED, READY, CONTAINERS_READY, SCHEDULED);

  private PodConditions() {}

  /**
   * Ours anew, with their old transition times where the status is the same; others' as they are.
   */
  static List<Obj> update(Draft draft) {
    if (draft.lifecycle == Lifecycle.SETTLED) {
      return draft.conditions;
    }
    List<Obj> known = foreign(draft);
    List<Obj> conditions = new ArrayList<>(known);
    for (String type : OURS) {
      conditions.add(continued(draft, condition(draft, type, known)));
    }
    PodResize.conditions(draft).forEach(each -> conditions.add(continued(draft, each)));
    RestartAll.condition(draft).ifPresent(each -> conditions.add(continued(draft, each)));
    if (DISRUPTIONS.contains(draft.failure.reason())
        && known.stream().noneMatch(each -> each.string("type").equals(DISRUPTED))) {
      conditions.add(disrupted(draft).tree());
    }
    return List.copyOf(conditions);
  }

  /** With the time of the last change of its status. */
  private static Obj continued(Draft draft, Condition fresh) {
    Obj tree = fresh.tree();
    if (draft.pod.meta().generation() > 0) {
      tree = tree.with("observedGeneration", draft.pod.meta().generation());
    }
    for (Obj old : draft.conditions) {
      if (old.string("type").equals(fresh.type())
          && old.string("status").equals(fresh.status())
          && !old.string("lastTransitionTime").isEmpty()) {
        tree = tree.with("lastTransitionTime", old.string("lastTransitionTime"));
      }
    }
    return tree;
  }

  /** Why a pod had to leave, for those that replace it (Kubernetes: pod disruption conditions). */
  private static Condition disrupted(Draft draft) {
    return holds(draft, DISRUPTED, true, "TerminationByKubelet", draft.failure.message());
  }

  private static List<Obj> foreign(Draft draft) {
    return draft.pod.status().objs("conditions").stream()
        .filter(each -> !OURS.contains(each.string("type")))
        .filter(each -> !PodResize.CONDITIONS.contains(each.string("type")))
        .filter(each -> !each.string("type").equals(RestartAll.CONDITION))
        .toList();
  }

  private static Condition condition(Draft draft, String type, List<Obj> foreign) {
    return switch (type) {
      case SANDBOX -> holds(draft, type, draft.sandbox instanceof Sandbox.Ready, "", "");
      case INITIALIZED -> initialized(draft);
      case CONTAINERS_READY -> containersReady(draft, type);
      case READY -> ready(draft, foreign);
      default -> holds(draft, type, true, "", "");
    };
  }

  private static Condition holds(
      Draft draft, String type, boolean isTrue, String reason, String message) {
    return Condition.of(
        type, isTrue ? Condition.TRUE : Condition.FALSE, reason, message, draft.wall);
  }

  private static Condition initialized(Draft draft) {
    List<String> missing =
        draft.containers.values().stream()
            .filter(each -> !draft.initialized && !initDone(each))
            .map(ContainerState::name)
            .toList();
    boolean anyInit = draft.containers.values().stream().anyMatch(each -> each.role().isInit());
    if (missing.isEmpty() || !anyInit) {
      return holds(
          draft, INITIALIZED, true, PodProgress.finished(draft) ? completed(draft) : "", "");
    }
    return holds(
        draft,
        INITIALIZED,
        false,
        "ContainersNotInitialized",
        "containers with incomplete status: " + words(missing));
  }

  private static String completed(Draft draft) {
    return PodStatus.phase(draft).equals("Succeeded") ? "PodCompleted" : "";
  }

  private static boolean initDone(ContainerState container) {
    return switch (container.role()) {
      case APP, EPHEMERAL -> true;
      case INIT -> container.stage() instanceof Terminated end && end.termination().succeeded();
      case SIDECAR -> container.stage() instanceof Running && container.started();
    };
  }

  private static Condition containersReady(Draft draft, String type) {
    String phase = PodStatus.phase(draft);
    if (phase.equals("Succeeded")) {
      return holds(draft, type, false, "PodCompleted", "");
    }
    if (phase.equals("Failed")) {
      return holds(draft, type, false, "PodFailed", "");
    }
    List<String> unready =
        draft.containers.values().stream()
            .filter(each -> each.role() == Role.APP || each.role() == Role.SIDECAR)
            .filter(each -> !each.ready())
            .map(ContainerState::name)
            .toList();
    return unready.isEmpty()
        ? holds(draft, type, true, "", "")
        : holds(
            draft,
            type,
            false,
            "ContainersNotReady",
            "containers with unready status: " + words(unready));
  }

  private static Condition ready(Draft draft, List<Obj> foreign) {
    Condition containers = containersReady(draft, READY);
    if (!containers.isTrue()) {
      return containers;
    }
    List<String> objections =
        draft.pod.readinessGates().stream().flatMap(gate -> objection(gate, foreign)).toList();
    return objections.isEmpty()
        ? containers
        : holds(draft, READY, false, "ReadinessGatesNotReady", String.join(", ", objections));
  }

  /** What a readiness gate has against the pod; a condition of its name that is true has none. */
  private static Stream<String> objection(String gate, List<Obj> foreign) {
    Optional<String> status =
        foreign.stream()
            .filter(each -> each.string("type").equals(gate))
            .map(each -> each.string("status"))
            .findFirst();
    if (status.isEmpty()) {
      return Stream.of(
          "corresponding condition of pod readiness gate \"" + gate + "\" does not exist.");
    }
    return status.get().equals(Condition.TRUE)
        ? Stream.empty()
        : Stream.of(
            "the status of pod readiness gate \""
                + gate
                + "\" is not \"True\", but "
                + status.get());
  }

  /** As Go prints a list. */
  private static String words(List<String> names) {
    return "[" + String.join(" ", names) + "]";
  }
}
