package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives a new pod the overhead and the node constraints of its runtime class (Kubernetes' admission
 * plugin RuntimeClass). Thread-safe.
 */
public final class RuntimeClasses implements Step.Mutating {
  private static final GroupResource CLASSES = new GroupResource("node.k8s.io", "runtimeclasses");

  private final Objects objects;

  public RuntimeClasses(Objects objects) {
    this.objects = objects;
  }

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    if (!request.creates(GroupResource.PODS)) {
      return change.object();
    }
    String pod = change.key().name();
    return change.object().change("spec", spec -> applied(spec, pod));
  }

  private Obj applied(Obj spec, String pod) {
    String name = spec.string("runtimeClassName");
    if (name.isEmpty()) {
      requireNoOverhead(spec, pod);
      return spec;
    }
    Obj type =
        objects
            .find(CLASSES, new ObjectKey("", name))
            .orElseThrow(() -> rejected(pod, "RuntimeClass \"" + name + "\" not found"));
    return withTolerations(
        withSelector(withOverhead(spec, type, pod), type, pod), type.obj("scheduling"));
  }

  private static void requireNoOverhead(Obj spec, String pod) {
    if (!spec.obj("overhead").isEmpty()) {
      throw rejected(pod, "Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
  }

  private static Obj withOverhead(Obj spec, Obj type, String pod) {
    Obj overhead = type.at("overhead", "podFixed");
    if (overhead.isEmpty()) {
      requireNoOverhead(spec, pod);
      return spec;
    }
    Obj given = spec.obj("overhead");
    if (!given.isEmpty() && !same(given, overhead)) {
      throw rejected(pod, "Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    return spec.with("overhead", overhead);
  }

  private static boolean same(Obj one, Obj other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (Obj.Entry each : one) {
      boolean equal =
          other
              .get(each.key())
              .filter(value -> Quantity.of(value).compareTo(Quantity.of(each.value())) == 0)
              .isPresent();
      if (!equal) {
        return false;
      }
    }
    return true;
  }

  private static Obj withSelector(Obj spec, Obj type, String pod) {
    Obj merged = spec.obj("nodeSelector");
    for (Obj.Entry each : type.at("scheduling", "nodeSelector")) {
      if (merged.has(each.key())
          && !merged.get(each.key()).equals(java.util.Optional.of(each.value()))) {
        throw rejected(
            pod,
            "conflict: runtimeClass.scheduling.nodeSelector[%s] = %s; pod.spec.nodeSelector[%s] = %s"
                .formatted(each.key(), each.value(), each.key(), merged.string(each.key())));
      }
      merged = merged.with(each.key(), each.value());
    }
    return merged.isEmpty() ? spec : spec.with("nodeSelector", merged);
  }

  private static Obj withTolerations(Obj spec, Obj scheduling) {
    List<Object> all = new ArrayList<>(spec.list("tolerations"));
    for (Object each : scheduling.list("tolerations")) {
      if (!all.contains(each)) {
        all.add(each);
      }
    }
    return all.isEmpty() ? spec : spec.with("tolerations", all);
  }

  private static StatusException rejected(String pod, String why) {
    return StatusException.forbidden(GroupResource.PODS, pod, "pod rejected: " + why);
  }
}
