package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The binding of a pod to a node. Pure. */
final class PodBinding {
  private static final GroupResource BINDINGS = new GroupResource("", "pods/binding");

  private PodBinding() {}

  /**
   * The pod with the binding's target as its node, and with its labels and annotations.
   *
   * @throws StatusException INVALID when no node is named, CONFLICT when the pod has one already,
   *     waits or is being deleted
   */
  static Obj bound(Obj binding, Obj pod, Instant now) {
    Meta meta = Meta.of(pod);
    Obj target = binding.obj("target");
    check(target, meta.name());
    String uid = Meta.of(binding).uid();
    if (!uid.isEmpty() && !uid.equals(meta.uid())) {
      throw StatusException.conflict(
          GroupResource.PODS,
          meta.name(),
          "Precondition failed: UID in precondition: "
              + uid
              + ", UID in object meta: "
              + meta.uid());
    }
    Obj spec = pod.obj("spec");
    if (meta.isTerminating()) {
      throw refused(meta, "is being deleted, cannot be assigned to a host");
    }
    String assigned = spec.string("nodeName");
    if (!assigned.isEmpty()) {
      throw refused(meta, "is already assigned to node \"" + assigned + "\"");
    }
    if (!spec.list("schedulingGates").isEmpty()) {
      throw refused(meta, "has non-empty .spec.schedulingGates");
    }
    Obj told = pod;
    for (String part : List.of("labels", "annotations")) {
      for (Obj.Entry each : binding.obj("metadata").obj(part)) {
        told = told.withAt(each.value(), "metadata", part, each.key());
      }
    }
    return told.withAt(target.string("name"), "spec", "nodeName")
        .change("status", status -> scheduled(status, now));
  }

  private static void check(Obj target, String pod) {
    Causes causes = new Causes();
    String kind = target.string("kind");
    if (!kind.isEmpty() && !kind.equals("Node")) {
      causes.notSupported("target.kind", kind, List.of("Node", "<empty>"));
    }
    Checks.name(NameRule.DNS_SUBDOMAIN, target.string("name"), "target.name", causes);
    if (!causes.isEmpty()) {
      throw StatusException.invalid("", "Binding", pod, causes.list());
    }
  }

  private static StatusException refused(Meta pod, String why) {
    return StatusException.conflict(BINDINGS, pod.name(), "pod " + pod.name() + " " + why);
  }

  private static Obj scheduled(Obj status, Instant now) {
    List<Object> conditions = new ArrayList<>();
    for (Obj condition : status.objs("conditions")) {
      if (!condition.string("type").equals("PodScheduled")) {
        conditions.add(condition);
      }
    }
    conditions.add(
        Obj.of(
            "type",
            "PodScheduled",
            "status",
            "True",
            "lastTransitionTime",
            Meta.Times.format(now)));
    // It has its node: nobody keeps another place free for it.
    return status.without("nominatedNodeName").with("conditions", conditions);
  }
}
