package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.List;

/** Kinds that say whose ingresses are, and which addresses services have. */
final class NetworkingKinds {
  private static final String GROUP = "networking.k8s.io";
  private static final int MAX_CONTROLLER_BYTES = 250;

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of(GROUP, "v1", "IngressClass", "ingressclasses")
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
                      .withCheck(NetworkingKinds::checkIngressClass)
                      .withFixed("spec.controller")
                      .withUpdating(Updating.COUNTED))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "IPAddress", "ipaddresses")
              .shortNames("ip")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("ParentRef", (of, _) -> parent(of.at("spec", "parentRef"))))
              .strategy(
                  Rules.NONE
                      .withNameRule(NameRule.PATH_SEGMENT)
                      .withCheck(NetworkingKinds::checkAddress)
                      .withFixed("spec.parentRef"))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "ServiceCIDR", "servicecidrs")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text(
                      "CIDRs", (of, _) -> String.join(",", of.obj("spec").strings("cidrs"))),
                  Column.AGE)
              .strategy(new ServiceRangeKind())
              .build());

  private NetworkingKinds() {}

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
    causes.ifTooLong("spec.controller", controller, MAX_CONTROLLER_BYTES);
    DomainPrefixedPath.check(controller, "spec.controller", causes);
    if (of.obj("spec").has("parameters")) {
      checkParameters(of.at("spec", "parameters"), "spec.parameters", causes);
    }
  }

  private static void checkParameters(Obj parameters, String path, Causes causes) {
    IngressChecks.reference(parameters, path, causes);
    boolean namespaced = parameters.has("namespace");
    switch (parameters.string("scope")) {
      case "Cluster" -> {
        if (namespaced) {
          causes.forbidden(path + ".namespace", "`parameters.scope` is set to 'Cluster'");
        }
      }
      case "Namespace" -> {
        if (namespaced) {
          String namespace = parameters.string("namespace");
          NameRule.DNS_LABEL
              .complaint(namespace)
              .ifPresent(complaint -> causes.invalid(path + ".namespace", namespace, complaint));
        } else {
          causes.required(path + ".namespace", "`parameters.scope` is set to 'Namespace'");
        }
      }
      default ->
          causes.notSupported(
              path + ".scope", parameters.string("scope"), List.of("Cluster", "Namespace"));
    }
  }

  private static void checkAddress(Obj address, Causes causes) {
    Checks.address(address.obj("metadata").string("name"), "metadata.name", causes);
    if (!address.obj("spec").has("parentRef")) {
      causes.required("spec.parentRef", "");
      return;
    }
    Obj parent = address.at("spec", "parentRef");
    if (!parent.string("group").isEmpty()) {
      Checks.name(NameRule.DNS_SUBDOMAIN, parent.string("group"), "spec.parentRef.group", causes);
    }
    for (String key : List.of("resource", "name")) {
      Checks.name(NameRule.PATH_SEGMENT, parent.string(key), "spec.parentRef." + key, causes);
    }
    if (!parent.string("namespace").isEmpty()) {
      Checks.name(
          NameRule.PATH_SEGMENT, parent.string("namespace"), "spec.parentRef.namespace", causes);
    }
  }
}
