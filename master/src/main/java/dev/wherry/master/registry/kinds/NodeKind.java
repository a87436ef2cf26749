package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/** Nodes. */
final class NodeKind implements Strategy {
  private static final String ROLE = "node-role.kubernetes.io/";

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Node", "nodes")
          .shortNames("no")
          .clusterScoped()
          .withStatus()
          .stream(
              "proxy",
              new GroupVersionKind("", "v1", "NodeProxyOptions"),
              "create",
              "delete",
              "get",
              "patch",
              "update")
          .columns(
              Column.NAME,
              Column.text("Status", (node, _) -> status(node)),
              Column.text("Roles", (node, _) -> roles(node)),
              Column.AGE,
              Column.text("Version", (node, _) -> info(node).string("kubeletVersion")),
              Column.wide("Internal-IP", (node, _) -> address(node, "InternalIP")),
              Column.wide("External-IP", (node, _) -> address(node, "ExternalIP")),
              Column.wide("OS-Image", (node, _) -> orUnknown(info(node).string("osImage"))),
              Column.wide(
                  "Kernel-Version", (node, _) -> orUnknown(info(node).string("kernelVersion"))),
              Column.wide(
                  "Container-Runtime",
                  (node, _) -> orUnknown(info(node).string("containerRuntimeVersion"))))
          .field(
              "spec.unschedulable", node -> String.valueOf(node.obj("spec").flag("unschedulable")))
          .strategy(new NodeKind())
          .build();

  private NodeKind() {}

  private static Obj info(Obj node) {
    return node.at("status", "nodeInfo");
  }

  private static String orUnknown(String text) {
    return text.isEmpty() ? "<unknown>" : text;
  }

  private static String status(Obj node) {
    String status = "Unknown";
    for (Obj condition : node.obj("status").objs("conditions")) {
      if (condition.string("type").equals("Ready")) {
        status = condition.string("status").equals("True") ? "Ready" : "NotReady";
      }
    }
    return node.obj("spec").flag("unschedulable") ? status + ",SchedulingDisabled" : status;
  }

  private static String roles(Obj node) {
    TreeSet<String> roles = new TreeSet<>();
    Meta.of(node)
        .labels()
        .forEach(
            (key, value) -> {
              if (key.startsWith(ROLE) && key.length() > ROLE.length()) {
                roles.add(key.substring(ROLE.length()));
              } else if (key.equals("kubernetes.io/role") && !value.isEmpty()) {
                roles.add(value);
              }
            });
    return Cells.orNone(String.join(",", roles));
  }

  private static String address(Obj node, String type) {
    for (Obj address : node.obj("status").objs("addresses")) {
      if (address.string("type").equals(type)) {
        return address.string("address");
      }
    }
    return Cells.NONE;
  }

  @Override
  public Obj defaults(Obj node) {
    Obj ranged = node.has("spec") ? node.change("spec", NodeKind::withBothRanges) : node;
    Obj capacity = ranged.at("status", "capacity");
    return capacity.isEmpty() || ranged.obj("status").has("allocatable")
        ? ranged
        : ranged.withAt(capacity, "status", "allocatable");
  }

  /** The range of the node's pods stands in two members, of which {@code podCIDR} decides. */
  private static Obj withBothRanges(Obj spec) {
    String range = spec.string("podCIDR");
    List<String> ranges = spec.strings("podCIDRs");
    String first = ranges.isEmpty() ? "" : ranges.getFirst();
    if (range.equals(first)) {
      return spec;
    }
    return range.isEmpty() ? spec.with("podCIDR", first) : spec.with("podCIDRs", List.of(range));
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    Obj node = Defaults.copied(updated, existing, "status");
    boolean silent = node.obj("spec").string("podCIDR").isEmpty();
    if (silent && existing.obj("spec").has("podCIDR")) {
      // An agent that registers again does not know its network: that is no change.
      node =
          node.change(
              "spec",
              spec ->
                  Defaults.copied(
                      Defaults.copied(spec, existing.obj("spec"), "podCIDR"),
                      existing.obj("spec"),
                      "podCIDRs"));
    }
    return node;
  }

  @Override
  public void check(Obj node, Causes causes) {
    NodeChecks.check(node, causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    NodeChecks.checkUpdate(updated.obj("spec"), existing.obj("spec"), causes);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    List<String> warnings = new ArrayList<>();
    if (updated.obj("spec").has("configSource")) {
      warnings.add("spec.configSource: the feature is removed");
    }
    if (!updated.obj("spec").string("externalID").isEmpty()) {
      warnings.add("spec.externalID: this field is deprecated, and is unused by Kubernetes");
    }
    return warnings;
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    NodeChecks.checkStatus(updated.obj("status"), causes);
  }
}
