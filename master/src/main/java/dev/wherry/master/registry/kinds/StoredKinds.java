package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Kinds with few rules of their own, beside those of storage, flow control and devices. */
final class StoredKinds {
  private static final String NETWORKING = "networking.k8s.io";
  private static final String PATH_SYNTAX =
      "must be a domain-prefixed path (such as \"acme.io/foo\")";

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of("", "v1", "PodTemplate", "podtemplates")
              .columns(
                  Column.NAME,
                  Column.text("Containers", (of, _) -> containers(of, "name")),
                  Column.text("Images", (of, _) -> containers(of, "image")),
                  Column.text(
                      "Pod Labels",
                      (of, _) -> Cells.labels(of.at("template", "metadata").stringMap("labels"))))
              .strategy(
                  Rules.NONE
                      .withDefaults(
                          of -> Defaults.changed(of, "template", PodSpecDefaults::template))
                      .withCheck(
                          (of, causes) ->
                              PodSpecChecks.template(of.obj("template"), "template", causes))
                      .withUpdating(Updating.COUNTED))
              .build(),
          ResourceDefinition.of(NETWORKING, "v1", "IngressClass", "ingressclasses")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("Controller", (of, _) -> of.obj("spec").string("controller")),
                  Column.text("Parameters", (of, _) -> parameters(of.at("spec", "parameters"))),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withDefaults(
                          of ->
                              Defaults.changed(
                                  of,
                                  "spec",
                                  spec ->
                                      Defaults.changed(
                                          spec,
                                          "parameters",
                                          with -> Defaults.putText(with, "scope", "Cluster"))))
                      .withCheck(StoredKinds::checkIngressClass)
                      .withFixed("spec.controller")
                      .withUpdating(Updating.COUNTED))
              .build(),
          ResourceDefinition.of(NETWORKING, "v1", "IPAddress", "ipaddresses")
              .shortNames("ip")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("ParentRef", (of, _) -> parent(of.at("spec", "parentRef"))))
              .strategy(
                  Rules.NONE
                      .withNameRule(NameRule.PATH_SEGMENT)
                      .withCheck(StoredKinds::checkAddress)
                      .withFixed("spec.parentRef"))
              .build(),
          ResourceDefinition.of(NETWORKING, "v1", "ServiceCIDR", "servicecidrs")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text(
                      "CIDRs", (of, _) -> String.join(",", of.obj("spec").strings("cidrs"))),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withCheck(StoredKinds::checkRange)
                      .withFixed("spec.cidrs")
                      .withStatusCheck(
                          (updated, _, causes) ->
                              ConditionChecks.check(updated.obj("status"), "status", causes)))
              .build(),
          ResourceDefinition.of("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
              .clusterScoped()
              .columns(
                  Column.NAME, Column.text("Handler", (of, _) -> of.string("handler")), Column.AGE)
              .strategy(
                  Rules.NONE
                      .withCheck(StoredKinds::checkRuntimeClass)
                      .withFixed("handler")
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build());

  private StoredKinds() {}

  private static String containers(Obj of, String key) {
    return String.join(
        ",",
        of.at("template", "spec").objs("containers").stream()
            .map(container -> container.string(key))
            .toList());
  }

  private static String parameters(Obj of) {
    if (of.isEmpty()) {
      return Cells.NONE;
    }
    String group = of.string("apiGroup");
    return of.string("kind") + (group.isEmpty() ? "" : "." + group) + "/" + of.string("name");
  }

  private static String parent(Obj of) {
    String group = of.string("group");
    String namespace = of.string("namespace");
    return of.string("resource")
        + (group.isEmpty() ? "" : "." + group)
        + "/"
        + (namespace.isEmpty() ? "" : namespace + "/")
        + of.string("name");
  }

  private static void checkIngressClass(Obj of, Causes causes) {
    String controller = of.obj("spec").string("controller");
    if (!controller.isEmpty() && !controller.matches("[^/]+/[^/].*")) {
      causes.invalid("spec.controller", controller, PATH_SYNTAX);
    }
    if (!of.obj("spec").has("parameters")) {
      return;
    }
    Obj parameters = of.at("spec", "parameters");
    Checks.required(parameters, "spec.parameters", causes, "kind", "name");
    boolean namespaced = !parameters.string("namespace").isEmpty();
    switch (parameters.string("scope")) {
      case "Cluster" -> {
        if (namespaced) {
          causes.forbidden("spec.parameters.namespace", "`parameters.scope` is set to 'Cluster'");
        }
      }
      case "Namespace" -> {
        if (!namespaced) {
          causes.required("spec.parameters.namespace", "`parameters.scope` is set to 'Namespace'");
        }
      }
      default ->
          causes.notSupported(
              "spec.parameters.scope", parameters.string("scope"), List.of("Cluster", "Namespace"));
    }
  }

  private static void checkAddress(Obj address, Causes causes) {
    Checks.address(address.obj("metadata").string("name"), "metadata.name", causes);
    if (address.obj("spec").has("parentRef")) {
      Checks.required(
          address.at("spec", "parentRef"), "spec.parentRef", causes, "resource", "name");
    } else {
      causes.required("spec.parentRef", "");
    }
  }

  private static void checkRange(Obj range, Causes causes) {
    List<String> ranges = range.obj("spec").strings("cidrs");
    if (ranges.isEmpty()) {
      causes.required("spec.cidrs", "at least one CIDR required");
    } else if (ranges.size() > 2) {
      causes.invalid("spec.cidrs", ranges, "may only hold up to 2 values");
    }
    Set<Boolean> families = new HashSet<>();
    for (int i = 0; i < ranges.size(); i++) {
      Cidrs.check(ranges.get(i), "spec.cidrs[" + i + "]", causes);
      if (!families.add(ranges.get(i).contains(":"))) {
        causes.invalid(
            "spec.cidrs",
            ranges,
            "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64");
      }
    }
  }

  private static void checkRuntimeClass(Obj type, Causes causes) {
    String handler = type.string("handler");
    NameRule.DNS_LABEL
        .complaint(handler)
        .ifPresent(complaint -> causes.invalid("handler", handler, complaint));
    for (Obj.Entry each : type.at("overhead", "podFixed")) {
      ResourceChecks.amount(
          each.key(), each.value(), "overhead.podFixed[" + each.key() + "]", causes);
    }
    Obj scheduling = type.obj("scheduling");
    Labels.checkMap(scheduling.obj("nodeSelector"), "scheduling.nodeSelector", causes);
    PodSpecChecks.tolerations(scheduling.objs("tolerations"), "scheduling.tolerations", causes);
  }
}
