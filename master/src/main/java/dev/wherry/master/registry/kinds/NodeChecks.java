package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What nodes must be like, and what of them may change. Pure. */
final class NodeChecks {
  private static final List<String> EFFECTS =
      List.of("NoSchedule", "PreferNoSchedule", "NoExecute");

  private NodeChecks() {}

  static void check(Obj node, Causes causes) {
    Obj spec = node.obj("spec");
    taints(spec.objs("taints"), "metadata.taints", causes); // Kubernetes names them so
    amounts(node.obj("status"), causes);
    if (node.at("status", "nodeInfo", "swap").has("capacity")) {
      swap(node.at("status", "nodeInfo", "swap").number("capacity", 0), causes);
    }
    List<String> ranges = spec.strings("podCIDRs");
    for (int i = 0; i < ranges.size(); i++) {
      Cidrs.check(ranges.get(i), "spec.podCIDRs[" + i + "]", causes);
    }
    if (ranges.size() > 1 && !Cidrs.isOneOfEachFamily(ranges)) {
      causes.invalid(
          "spec.podCIDRs", ranges, "may specify no more than one CIDR for each IP family");
    }
    if (spec.has("configSource")) {
      configSource(spec.obj("configSource"), "spec.configSource", causes);
    }
  }

  private static void taints(List<Obj> taints, String path, Causes causes) {
    Set<String> seen = new HashSet<>();
    Checks.each(
        taints,
        path,
        (taint, at) -> {
          Labels.checkQualifiedName(taint.string("key"), at + ".key", causes);
          Labels.checkValue(taint.string("value"), at + ".value", causes);
          Checks.oneOf(taint, "effect", at, EFFECTS, causes);
          if (!seen.add(taint.string("key") + ":" + taint.string("effect"))) {
            Cause twice = Cause.duplicate(at, taint);
            causes.add(
                new Cause(
                    twice.type(),
                    at,
                    twice.message() + ": taints must be unique by key and effect pair"));
          }
        });
  }

  private static void swap(long bytes, Causes causes) {
    if (bytes <= 0) {
      causes.invalid("metadata.nodeSwapStatus.capacity", bytes, "must be greater than zero");
    }
  }

  /** Where a node once took its configuration from. */
  private static void configSource(Obj source, String path, Causes causes) {
    if (!source.has("configMap")) {
      causes.invalid(path, source, "exactly one reference subfield must be non-nil");
      return;
    }
    Obj map = source.obj("configMap");
    String at = path + ".configMap";
    for (String key : List.of("uid", "resourceVersion")) {
      if (!map.string(key).isEmpty()) {
        causes.forbidden(at + "." + key, key + " must not be set in spec");
      }
    }
    Checks.name(NameRule.DNS_LABEL, map.string("namespace"), at + ".namespace", causes);
    Checks.name(NameRule.DNS_SUBDOMAIN, map.string("name"), at + ".name", causes);
    if (map.string("kubeletConfigKey").isEmpty()) {
      causes.required(at + ".kubeletConfigKey", "");
    } else {
      KeyedBytes.checkKey(map.string("kubeletConfigKey"), at + ".kubeletConfigKey", causes);
    }
  }

  /** Checks a change of the spec: what a node is known by outside is given once. */
  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    List<String> ranges = existing.strings("podCIDRs");
    if (!ranges.isEmpty() && !updated.strings("podCIDRs").equals(ranges)) {
      causes.forbidden(
          "spec.podCIDRs", "node updates may not change podCIDR except from \"\" to valid");
    }
    String id = existing.string("providerID");
    if (!id.isEmpty() && !updated.string("providerID").equals(id)) {
      causes.forbidden(
          "spec.providerID", "node updates may not change providerID except from \"\" to valid");
    }
    if (!updated.string("externalID").equals(existing.string("externalID"))) {
      causes.forbidden("spec.externalID", "may not be updated");
    }
  }

  static void checkStatus(Obj status, Causes causes) {
    amounts(status, causes);
    Set<Obj> seen = new HashSet<>();
    Checks.each(
        status.objs("addresses"),
        "status.addresses",
        (address, at) -> {
          if (!seen.add(address)) {
            causes.duplicate(at, address);
          }
        });
  }

  private static void amounts(Obj status, Causes causes) {
    for (String list : List.of("capacity", "allocatable")) {
      for (Obj.Entry amount : status.obj(list)) {
        Optional<?> _ =
            ResourceChecks.amount(
                amount.key(), amount.value(), "status." + list + "." + amount.key(), causes);
      }
    }
  }
}
