package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Checks of what nodes and schedulers say of pods, in Kubernetes' words. Pure. */
final class PodStatusChecks {
  private static final String NOT_COUNTED = "must be a non-negative integer";
  private static final List<String> OF_LIFECYCLE = List.of("PodScheduled", "Ready", "Initialized");

  private PodStatusChecks() {}

  static void check(Obj updated, Obj existing, Causes causes) {
    Obj status = updated.obj("status");
    Obj before = existing.obj("status");
    conditions(status.objs("conditions"), causes);
    nominated(status.string("nominatedNodeName"), existing, causes);
    counted(status, "status", causes);
    if (!before.string("qosClass").isEmpty()) {
      Checks.immutable(status, before, "qosClass", "status.qosClass", causes);
    }
    Obj spec = existing.obj("spec");
    restarts("containerStatuses", status, before, restartable(spec, "containers"), causes);
    restarts("initContainerStatuses", status, before, restartable(spec, "initContainers"), causes);
    restarts("ephemeralContainerStatuses", status, before, (_, _) -> false, causes);
    claims(status.objs("resourceClaimStatuses"), updated.obj("spec"), causes);
    addresses(status, "podIPs", "podIP", causes);
    addresses(status, "hostIPs", "hostIP", causes);
  }

  private static void conditions(List<Obj> conditions, Causes causes) {
    Checks.each(
        conditions,
        "status.conditions",
        (condition, at) -> {
          counted(condition, at, causes);
          if (!OF_LIFECYCLE.contains(condition.string("type"))) {
            Labels.checkQualifiedName(condition.string("type"), at + ".Type", causes);
          }
        });
  }

  private static void counted(Obj of, String path, Causes causes) {
    long generation = of.number("observedGeneration", 0);
    if (generation < 0) {
      causes.invalid(path + ".observedGeneration", generation, NOT_COUNTED);
    }
  }

  /** A place is kept for a pod until it has one. */
  private static void nominated(String node, Obj existing, Causes causes) {
    String path = "status.nominatedNodeName";
    if (node.isEmpty() || node.equals(existing.obj("status").string("nominatedNodeName"))) {
      return;
    }
    Checks.name(NameRule.DNS_SUBDOMAIN, node, path, causes);
    if (!existing.obj("spec").string("nodeName").isEmpty()) {
      causes.forbidden(path, "may not be set on pods that are already bound to a node");
    }
  }

  /** Whether a container that is over may run again. */
  @FunctionalInterface
  private interface Restartable {
    boolean test(String container, long exitCode);
  }

  private static Restartable restartable(Obj spec, String list) {
    boolean all =
        PodContainers.of(spec, "").stream()
            .flatMap(each -> each.tree().objs("restartPolicyRules").stream())
            .anyMatch(rule -> rule.string("action").equals("RestartAllContainers"));
    return (name, exitCode) ->
        all
            || spec.objs(list).stream()
                .filter(each -> each.string("name").equals(name))
                .anyMatch(each -> restarts(each, spec.string("restartPolicy", "Always"), exitCode));
  }

  /** By its own rules, else by its own policy, else by its pod's. */
  private static boolean restarts(Obj container, String podPolicy, long exitCode) {
    if (container.has("restartPolicy")
        && container.objs("restartPolicyRules").stream()
            .anyMatch(rule -> matches(rule.obj("exitCodes"), exitCode))) {
      return true;
    }
    return switch (container.string("restartPolicy", podPolicy)) {
      case "Always" -> true;
      case "OnFailure" -> exitCode != 0;
      default -> false;
    };
  }

  private static boolean matches(Obj exitCodes, long exitCode) {
    boolean named = exitCodes.list("values").contains(exitCode);
    return exitCodes.string("operator").equals("In") ? named : !named;
  }

  /** A container that is over does not come back where nothing restarts it. */
  private static void restarts(
      String list, Obj status, Obj before, Restartable restartable, Causes causes) {
    Map<String, Obj> now = new HashMap<>();
    status.objs(list).forEach(each -> now.put(each.string("name"), each));
    Checks.each(
        before.objs(list),
        "status." + list,
        (was, at) -> {
          Obj is = now.getOrDefault(was.string("name"), was);
          boolean backAgain =
              was.obj("state").has("terminated") && !is.obj("state").has("terminated");
          if (backAgain
              && !restartable.test(
                  was.string("name"), was.at("state", "terminated").number("exitCode", 0))) {
            causes.forbidden(at + ".state", "may not be transitioned to non-terminated state");
          }
        });
  }

  private static void claims(List<Obj> claims, Obj spec, Causes causes) {
    Set<String> known = new HashSet<>();
    spec.objs("resourceClaims").forEach(each -> known.add(each.string("name")));
    Set<String> seen = new HashSet<>();
    Checks.each(
        claims,
        "status.resourceClaimStatuses",
        (claim, at) -> {
          String name = claim.string("name");
          if (!known.contains(name)) {
            causes.invalid(
                at + ".name", name, "must match the name of an entry in `spec.resourceClaims`");
          }
          if (!seen.add(name)) {
            causes.duplicate(at + ".name", name);
          }
          if (claim.has("resourceClaimName")) {
            Checks.name(
                NameRule.DNS_SUBDOMAIN,
                claim.string("resourceClaimName"),
                at + ".resourceClaimName",
                causes);
          }
        });
  }

  /** One of each family at the most, the first also by itself. */
  private static void addresses(Obj status, String list, String single, Causes causes) {
    String path = "status." + list;
    List<String> addresses = status.objs(list).stream().map(each -> each.string("ip")).toList();
    if (!addresses.isEmpty() && !addresses.getFirst().equals(status.string(single))) {
      causes.invalid(path + "[0].ip", addresses.getFirst(), "must be equal to `" + single + "`");
    }
    for (int i = 0; i < addresses.size(); i++) {
      Checks.address(addresses.get(i), path + "[" + i + "]", causes);
    }
    if (addresses.size() > 1 && !Cidrs.isOneOfEachFamily(addresses)) {
      causes.invalid(path, status.list(list), "may specify no more than one IP for each IP family");
    }
  }
}
