package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import dev.wherry.master.registry.Subresource.Behaviour;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Pods. */
final class PodKind implements Strategy {
  private static final GroupVersionKind POD = new GroupVersionKind("", "v1", "Pod");
  private static final long DEFAULT_GRACE_SECONDS = 30;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Pod", "pods")
          .shortNames("po")
          .categories("all")
          .withStatus()
          .subresource(
              "binding",
              new GroupVersionKind("", "v1", "Binding"),
              new Behaviour.Action(PodBinding::bound),
              "create")
          .subresource(
              "eviction",
              new GroupVersionKind("policy", "v1", "Eviction"),
              new Behaviour.Removal(DeleteOptions::ofEviction),
              "create")
          .stream("log", POD, "get")
          .stream("exec", option("PodExecOptions"), "create", "get")
          .stream("attach", option("PodAttachOptions"), "create", "get")
          .stream("portforward", option("PodPortForwardOptions"), "create", "get")
          .stream("proxy", option("PodProxyOptions"), "create", "delete", "get", "patch", "update")
          .columns(
              Column.NAME,
              Column.text("Ready", (pod, _) -> PodCells.ready(pod)),
              Column.text("Status", (pod, _) -> PodCells.status(pod)),
              Column.text("Restarts", PodCells::restarts),
              Column.AGE,
              Column.wide("IP", (pod, _) -> Cells.orNone(pod.obj("status").string("podIP"))),
              Column.wide("Node", (pod, _) -> Cells.orNone(pod.obj("spec").string("nodeName"))),
              Column.wide(
                  "Nominated Node",
                  (pod, _) -> Cells.orNone(pod.obj("status").string("nominatedNodeName"))),
              Column.wide("Readiness Gates", (pod, _) -> PodCells.readinessGates(pod)))
          .field("spec.nodeName")
          .field("spec.restartPolicy")
          .field("spec.schedulerName")
          .field("spec.serviceAccountName")
          .field("spec.hostNetwork", pod -> String.valueOf(pod.obj("spec").flag("hostNetwork")))
          .field("status.phase")
          .field("status.podIP")
          .field("status.nominatedNodeName")
          .strategy(new PodKind())
          .build();

  private PodKind() {}

  private static GroupVersionKind option(String kind) {
    return new GroupVersionKind("", "v1", kind);
  }

  @Override
  public Obj defaults(Obj pod) {
    return pod.change("spec", PodSpecDefaults::ofPod);
  }

  @Override
  public Obj beforeCreate(Obj pod) {
    return pod.with("status", Obj.of("phase", "Pending", "qosClass", PodQos.of(pod.obj("spec"))));
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(updated, existing, "status");
  }

  @Override
  public Obj beforeStatusUpdate(Obj updated, Obj existing) {
    Obj status = updated.obj("status");
    return existing.with(
        "status", Defaults.put(status, "qosClass", PodQos.of(existing.obj("spec"))));
  }

  @Override
  public void check(Obj pod, Causes causes) {
    PodSpecChecks.check(pod.obj("spec"), "spec", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Obj before = existing.obj("spec");
    Obj after = updated.obj("spec");
    boolean onlyGatesGone =
        before.list("schedulingGates").containsAll(after.list("schedulingGates"));
    if (!tolerationsKept(before, after)
        || !onlyGatesGone
        || !comparable(after, before).equals(before)) {
      causes.forbidden(
          "spec",
          "pod updates may not change fields other than"
              + " `spec.containers[*].image`,`spec.initContainers[*].image`,"
              + "`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing"
              + " tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it"
              + " was previously negative)");
    }
  }

  private static boolean tolerationsKept(Obj before, Obj after) {
    return after.list("tolerations").containsAll(before.list("tolerations"));
  }

  /** The spec with what may change put back as it was, to see whether anything else changed. */
  private static Obj comparable(Obj after, Obj before) {
    Obj spec = Defaults.copied(after, before, "tolerations");
    spec = Defaults.copied(spec, before, "schedulingGates");
    spec = Defaults.copied(spec, before, "activeDeadlineSeconds");
    for (String list : List.of("containers", "initContainers")) {
      if (spec.list(list).size() != before.list(list).size()) {
        return spec;
      }
      List<Object> containers = new ArrayList<>();
      for (int i = 0; i < spec.list(list).size(); i++) {
        Obj was = before.objs(list).get(i);
        Obj container = Defaults.copied(spec.objs(list).get(i), was, "image");
        containers.add(container);
      }
      if (!containers.isEmpty()) {
        spec = spec.with(list, containers);
      }
    }
    return spec;
  }

  @Override
  public boolean hasGeneration() {
    return true;
  }

  /** Nobody waits for a pod that no node runs. */
  @Override
  public long gracePeriodSeconds(Obj pod, OptionalLong asked) {
    String phase = pod.obj("status").string("phase");
    if (pod.obj("spec").string("nodeName").isEmpty()
        || phase.equals("Succeeded")
        || phase.equals("Failed")) {
      return 0;
    }
    long own = pod.obj("spec").number("terminationGracePeriodSeconds", DEFAULT_GRACE_SECONDS);
    long seconds = asked.orElse(own);
    return seconds < 0 ? 1 : seconds;
  }
}
