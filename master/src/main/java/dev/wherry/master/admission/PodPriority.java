package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Gives a new pod the priority of its class, of the default class where it names none, or zero
 * (Kubernetes: Pod Priority and Preemption). A number that the client chose itself is refused.
 * Thread-safe.
 */
public final class PodPriority implements Step.Mutating {
  /** Classes that every cluster has, whether or not they are there as objects. */
  private static final Map<String, Long> SYSTEM =
      Map.of("system-cluster-critical", 2_000_000_000L, "system-node-critical", 2_000_001_000L);

  private final Supplier<List<Obj>> classes;

  /** {@code classes} are the PriorityClass objects there are. */
  public PodPriority(Supplier<List<Obj>> classes) {
    this.classes = classes;
  }

  private record Priority(String className, long value, String preemptionPolicy) {}

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    boolean newPod =
        change.verb() == Change.Verb.CREATE
            && change.definition().resource().equals(GroupResource.PODS);
    if (!newPod) {
      return change.object();
    }
    String pod = change.key().name();
    return change.object().change("spec", spec -> filled(spec, pod));
  }

  private Obj filled(Obj spec, String pod) {
    String name = spec.string("priorityClassName");
    Priority priority = name.isEmpty() ? fallback() : named(name, pod);
    if (spec.has("priority") && spec.number("priority", 0) != priority.value()) {
      throw forbidden(
          pod,
          "the integer value of priority ("
              + spec.number("priority", 0)
              + ") must not be provided in pod spec; priority admission controller computed "
              + priority.value()
              + " from the given PriorityClass name");
    }
    String policy = spec.string("preemptionPolicy");
    if (!policy.isEmpty() && !policy.equals(priority.preemptionPolicy())) {
      throw forbidden(
          pod,
          "the string value of PreemptionPolicy ("
              + policy
              + ") must not be provided in pod spec; priority admission controller computed "
              + priority.preemptionPolicy()
              + " from the given PriorityClass name");
    }
    Obj filled =
        spec.with("priority", priority.value())
            .with("preemptionPolicy", priority.preemptionPolicy());
    return priority.className().isEmpty()
        ? filled
        : filled.with("priorityClassName", priority.className());
  }

  private static StatusException forbidden(String pod, String message) {
    return StatusException.forbidden(GroupResource.PODS, pod, message);
  }

  private Priority named(String name, String pod) {
    Optional<Priority> found =
        classes.get().stream()
            .filter(each -> Meta.of(each).name().equals(name))
            .findFirst()
            .map(PodPriority::of);
    if (found.isPresent()) {
      return found.get();
    }
    Long value = SYSTEM.get(name);
    if (value == null) {
      throw forbidden(pod, "no PriorityClass with name " + name + " was found");
    }
    return new Priority(name, value, "PreemptLowerPriority");
  }

  /** The least of the default classes, should there be several. */
  private Priority fallback() {
    return classes.get().stream()
        .filter(each -> each.flag("globalDefault"))
        .map(PodPriority::of)
        .min(Comparator.comparingLong(Priority::value))
        .orElse(new Priority("", 0, "PreemptLowerPriority"));
  }

  private static Priority of(Obj priorityClass) {
    return new Priority(
        Meta.of(priorityClass).name(),
        priorityClass.number("value", 0),
        priorityClass.string("preemptionPolicy", "PreemptLowerPriority"));
  }
}
