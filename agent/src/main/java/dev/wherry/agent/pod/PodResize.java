package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerState.Running;
import dev.wherry.agent.pod.PodState.Lifecycle;
import dev.wherry.agent.pod.Resize.Ask;
import dev.wherry.agent.pod.Resize.Course;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Resizes a running pod and its containers in place (Kubernetes: resize CPU and memory resources
 * assigned to containers, and to pods). Until the node has given what is asked the pod goes on with
 * what it had. Pure.
 *
 * <table>
 *   <caption>What the node is asked for, and what containers have</caption>
 *   <tr><th>on</th><th>to</th><th>effect, condition</th></tr>
 *   <tr><td>Desired with other resources</td><td>Asking</td><td>Allocate</td></tr>
 *   <tr><td>NotAllocated</td><td>Held</td><td>PodResizePending, asked again while Deferred</td></tr>
 *   <tr><td>Allocated</td><td>Nothing</td><td>PodResizeInProgress until all containers have it</td></tr>
 *   <tr><td>a container has not what it was given</td><td>Applying</td><td>Resize, or its restart</td></tr>
 *   <tr><td>Resized</td><td>Idle</td><td>event ResizeCompleted</td></tr>
 *   <tr><td>ResizeFailed</td><td>Failed</td><td>PodResizeInProgress with reason Error, tried again</td></tr>
 * </table>
 */
final class PodResize {
  private static final String PENDING = "PodResizePending";
  private static final String IN_PROGRESS = "PodResizeInProgress";

  /** Those that show a resize. */
  static final Set<String> CONDITIONS = Set.of(PENDING, IN_PROGRESS);

  private static final Duration ASK_AGAIN = Duration.ofSeconds(10);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(10);
  private static final List<String> LISTS = List.of("initContainers", "containers");
  private static final List<String> RESIZABLE = List.of("cpu", "memory");

  private PodResize() {}

  /** A container's requests and limits. */
  static Obj resources(ContainerView container) {
    return resources(container.tree());
  }

  private static Obj resources(Obj container) {
    return container.obj("resources").without("claims");
  }

  /** What the pod asks for as a whole. */
  static Obj ofPod(PodView pod) {
    return pod.spec().obj("resources");
  }

  /**
   * The pod as it is wanted, with the resources that these containers and the pod as a whole have
   * already.
   */
  static PodView with(PodView wanted, Map<String, Obj> resources, Obj ofPod) {
    UnaryOperator<Obj> container =
        each -> {
          Obj had = resources.get(each.string("name"));
          return had == null || had.equals(resources(each)) ? each : each.with("resources", had);
        };
    Obj spec = ofPod.equals(ofPod(wanted)) ? wanted.spec() : wanted.spec().with("resources", ofPod);
    for (String list : LISTS) {
      if (spec.has(list)) {
        spec = spec.with(list, spec.objs(list).stream().map(container).toList());
      }
    }
    return spec.equals(wanted.spec()) ? wanted : new PodView(wanted.tree().with("spec", spec));
  }

  /** Takes in a new word of the master's; what it asks for of the node waits for the answer. */
  static void desired(Draft draft, PodView wanted) {
    Map<String, Obj> had = new HashMap<>();
    draft.pod.initContainers().forEach(each -> had.put(each.name(), resources(each)));
    draft.pod.containers().forEach(each -> had.put(each.name(), resources(each)));
    draft.pod = with(wanted, had, ofPod(draft.pod));
    if (draft.pod.equals(wanted) || draft.lifecycle != Lifecycle.ACTIVE) {
      draft.resize = draft.resize.asking(new Ask.Nothing());
    } else if (draft.resize.ask() instanceof Ask.Held held
        && held.wanted().spec().equals(wanted.spec())) {
      draft.resize =
          draft.resize.asking(new Ask.Held(wanted, held.reason(), held.message(), held.retryAt()));
    } else {
      ask(draft, wanted);
    }
  }

  private static void ask(Draft draft, PodView wanted) {
    draft.resize = draft.resize.asking(new Ask.Asking(wanted));
    draft.effects.add(new Effect.Allocate(wanted));
  }

  static void allocated(Draft draft, PodEvent.Allocated answer) {
    if (isAsked(draft, answer.wanted())) {
      Obj had = ofPod(draft.pod);
      if (!had.equals(ofPod(answer.wanted()))) {
        draft.resize = draft.resize.outgrowing(had);
      }
      draft.pod = answer.wanted();
      draft.resize = draft.resize.asking(new Ask.Nothing());
      draft.normal("ResizeStarted", "Pod resize started: " + summary(draft.pod), "");
    }
  }

  static void notAllocated(Draft draft, PodEvent.NotAllocated answer) {
    if (isAsked(draft, answer.wanted())) {
      boolean deferred = answer.reason().equals("Deferred");
      draft.resize =
          draft.resize.asking(
              new Ask.Held(
                  answer.wanted(),
                  answer.reason(),
                  answer.message(),
                  deferred ? Optional.of(draft.now.plus(ASK_AGAIN)) : Optional.empty()));
      if (!wasHeld(draft, answer)) {
        draft.warning(
            "Resize" + answer.reason(),
            "Pod resize " + answer.reason() + ": " + answer.message(),
            "");
      }
    }
  }

  private static boolean isAsked(Draft draft, PodView wanted) {
    return draft.resize.ask() instanceof Ask.Asking(PodView asked) && asked.equals(wanted);
  }

  /** Whether the conditions say so already. */
  private static boolean wasHeld(Draft draft, PodEvent.NotAllocated answer) {
    return draft.conditions.stream()
        .anyMatch(
            each ->
                each.string("type").equals(PENDING)
                    && each.string("reason").equals(answer.reason())
                    && each.string("message").equals(answer.message())
                    && each.number("observedGeneration", 0) == draft.pod.meta().generation());
  }

  /** A run of this container begins with what its spec asks for. */
  static void starts(Draft draft, String name) {
    Obj resources = resources(draft.state().spec(name));
    draft.change(name, each -> each.withApplied(resources));
  }

  static void resized(Draft draft, PodEvent.Resized event) {
    event
        .resources()
        .forEach((name, resources) -> draft.change(name, each -> each.withApplied(resources)));
    draft.resize = draft.resize.doing(new Course.Idle()).grown();
    if (behind(draft).isEmpty()) {
      draft.normal("ResizeCompleted", "Pod resize completed: " + summary(draft.pod), "");
    }
  }

  static void failed(Draft draft, PodEvent.ResizeFailed event) {
    draft.resize =
        draft.resize.doing(new Course.Failed(event.message(), draft.now.plus(TRY_AGAIN)));
    draft.warning("ResizeError", "Pod resize error: " + event.message(), "");
  }

  /** Asks again, and has containers get what they were given. */
  static void advance(Draft draft) {
    if (draft.resize.ask() instanceof Ask.Held(PodView wanted, _, _, Optional<Instant> retryAt)
        && retryAt.isPresent()
        && !draft.now.isBefore(retryAt.get())) {
      ask(draft, wanted);
    }
    boolean due =
        switch (draft.resize.course()) {
          case Course.Idle _ -> true;
          case Course.Applying _ -> false;
          case Course.Failed(_, Instant again) -> !draft.now.isBefore(again);
        };
    if (!due) {
      return;
    }
    Map<String, String> ids = new LinkedHashMap<>();
    for (ContainerState each : behind(draft)) {
      if (each.stage() instanceof Running running) {
        ContainerView spec = draft.state().spec(each.name());
        if (restarts(spec, each.applied())) {
          PodEnding.stop(
              draft, each, draft.grace(), "Container " + each.name() + " resize requires restart");
        } else {
          ids.put(each.name(), running.id());
        }
      }
    }
    if (!ids.isEmpty() || draft.resize.groupHas().isPresent()) {
      draft.resize = draft.resize.doing(new Course.Applying());
      draft.effects.add(new Effect.Resize(ids));
    }
  }

  /** Containers whose process has not the bounds that they were given. */
  private static List<ContainerState> behind(Draft draft) {
    PodState state = draft.state();
    return draft.all().stream()
        .filter(each -> each.runningId().isPresent())
        .filter(each -> differs(resources(state.spec(each.name())), each.applied()))
        .toList();
  }

  private static boolean differs(Obj one, Obj other) {
    return RESIZABLE.stream().anyMatch(resource -> differs(one, other, resource));
  }

  private static boolean differs(Obj one, Obj other, String resource) {
    return !one.obj("requests").get(resource).equals(other.obj("requests").get(resource))
        || !one.obj("limits").get(resource).equals(other.obj("limits").get(resource));
  }

  private static boolean restarts(ContainerView spec, Obj applied) {
    return spec.tree().objs("resizePolicy").stream()
        .filter(each -> each.string("restartPolicy").equals("RestartContainer"))
        .anyMatch(each -> differs(resources(spec), applied, each.string("resourceName")));
  }

  static List<Condition> conditions(Draft draft) {
    List<Condition> conditions = new ArrayList<>();
    if (draft.lifecycle != Lifecycle.ACTIVE) {
      return conditions;
    }
    if (draft.resize.ask() instanceof Ask.Held(_, String reason, String message, _)
        && !reason.isEmpty()) {
      conditions.add(Condition.of(PENDING, Condition.TRUE, reason, message, draft.wall));
    } else if (draft.resize.ask() instanceof Ask.Asking) {
      draft.conditions.stream() // as it was, until the answer comes
          .filter(each -> each.string("type").equals(PENDING))
          .forEach(each -> conditions.add(new Condition(each)));
    }
    if (!behind(draft).isEmpty() || draft.resize.groupHas().isPresent()) {
      conditions.add(
          draft.resize.course() instanceof Course.Failed(String message, _)
              ? Condition.of(IN_PROGRESS, Condition.TRUE, "Error", message, draft.wall)
              : Condition.of(IN_PROGRESS, Condition.TRUE, "", "", draft.wall));
    }
    return conditions;
  }

  /** As kubelet's events have it. */
  private static String summary(PodView pod) {
    List<Obj> containers = new ArrayList<>();
    for (ContainerView each : pod.containers()) {
      containers.add(Obj.of("name", each.name(), "resources", resources(each)));
    }
    return Json.text(
        Obj.builder()
            .put("containers", containers)
            .putUnlessEmpty("resources", ofPod(pod))
            .put("generation", pod.meta().generation())
            .build());
  }
}
