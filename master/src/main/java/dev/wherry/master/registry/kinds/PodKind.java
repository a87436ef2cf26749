package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import dev.wherry.master.registry.Subresource.Behaviour;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Pods. */
final class PodKind implements Strategy {
  private static final GroupVersionKind POD = new GroupVersionKind("", "v1", "Pod");
  private static final long DEFAULT_GRACE_SECONDS = 30;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Pod", "pods")
          .returnsDeleted()
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
          .subresource(
              "ephemeralcontainers",
              POD,
              new Behaviour.Part(UnaryOperator.identity(), PodUpdates::withEphemeral),
              "get",
              "patch",
              "update")
          .subresource(
              "resize",
              POD,
              new Behaviour.Part(UnaryOperator.identity(), PodResizing::resized),
              "get",
              "patch",
              "update")
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
          .field("status.podIPs", pod -> podIps(pod.obj("status")))
          .field("status.nominatedNodeName")
          .strategy(new PodKind())
          .build();

  private PodKind() {}

  private static String podIps(Obj status) {
    return status.objs("podIPs").stream()
        .map(each -> each.string("ip"))
        .collect(Collectors.joining(","));
  }

  private static GroupVersionKind option(String kind) {
    return new GroupVersionKind("", "v1", kind);
  }

  @Override
  public Obj defaults(Obj pod) {
    return pod.change("spec", PodSpecDefaults::ofPod);
  }

  @Override
  public Obj beforeCreate(Obj pod) {
    Obj metadata = pod.obj("metadata");
    Obj spec = PodLabelKeys.merged(pod.obj("spec"), metadata.obj("labels"));
    spec = AppArmorAnnotations.inFields(spec, metadata.obj("annotations"));
    Obj status = PodStatuses.ofNew(spec, metadata.string("creationTimestamp"));
    return pod.with("spec", spec).with("status", status);
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(updated, existing, "status");
  }

  @Override
  public Obj beforeStatusUpdate(Obj updated, Obj existing) {
    Obj status = PodStatuses.updated(updated.obj("status"), existing.obj("status"));
    return existing.with(
        "status", Defaults.put(status, "qosClass", PodQos.of(existing.obj("spec"))));
  }

  @Override
  public void check(Obj pod, Causes causes) {
    PodChecks.check(pod, causes);
  }

  @Override
  public void checkNew(Obj pod, Causes causes) {
    PodChecks.checkNew(pod, causes);
  }

  /** Of new ones alone: later it is nodes and controllers that write them. */
  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return existing.isEmpty() ? PodWarnings.ofPod(updated) : List.of();
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    PodUpdates.check(updated, existing, causes);
  }

  @Override
  public void checkPartUpdate(String subresource, Obj updated, Obj existing, Causes causes) {
    switch (subresource) {
      case "ephemeralcontainers" -> PodUpdates.checkEphemeral(updated, existing, causes);
      case "resize" -> PodResizing.check(updated, existing, causes);
      default -> checkUpdate(updated, existing, causes);
    }
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

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    PodStatusChecks.check(updated, existing, causes);
  }
}
