package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;

/** Services. */
final class ServiceKind implements Strategy {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Service", "services")
          .returnsDeleted()
          .shortNames("svc")
          .categories("all")
          .withStatus()
          .stream(
              "proxy",
              new GroupVersionKind("", "v1", "ServiceProxyOptions"),
              "create",
              "delete",
              "get",
              "patch",
              "update")
          .columns(
              Column.NAME,
              Column.text("Type", (service, _) -> service.obj("spec").string("type")),
              Column.text(
                  "Cluster-IP",
                  (service, _) -> Cells.orNone(service.obj("spec").string("clusterIP"))),
              Column.text("External-IP", (service, _) -> externalIp(service)),
              Column.text("Port(s)", (service, _) -> ports(service)),
              Column.AGE,
              Column.wide(
                  "Selector",
                  (service, _) -> Cells.labels(service.obj("spec").stringMap("selector"))))
          .field("spec.clusterIP")
          .field("spec.type")
          .strategy(new ServiceKind())
          .build();

  private ServiceKind() {}

  private static String externalIp(Obj service) {
    Obj spec = service.obj("spec");
    List<String> addresses = new ArrayList<>();
    for (Obj ingress : service.at("status", "loadBalancer").objs("ingress")) {
      addresses.add(ingress.string("ip", ingress.string("hostname")));
    }
    addresses.addAll(spec.strings("externalIPs"));
    return switch (spec.string("type")) {
      case "ExternalName" -> spec.string("externalName");
      case "LoadBalancer" -> addresses.isEmpty() ? "<pending>" : String.join(",", addresses);
      default -> Cells.orNone(String.join(",", spec.strings("externalIPs")));
    };
  }

  private static String ports(Obj service) {
    List<String> ports = new ArrayList<>();
    for (Obj port : service.obj("spec").objs("ports")) {
      long nodePort = port.number("nodePort", 0);
      ports.add(
          port.number("port", 0)
              + (nodePort == 0 ? "" : ":" + nodePort)
              + "/"
              + port.string("protocol"));
    }
    return Cells.orNone(String.join(",", ports));
  }

  @Override
  public NameRule nameRule() {
    return NameRule.DNS_LABEL;
  }

  @Override
  public Obj defaults(Obj service) {
    Obj filled = service.change("spec", ServiceDefaults::spec);
    return ServiceDefaults.isBalanced(filled.obj("spec"))
        ? Defaults.changed(filled, "status", ServiceDefaults::status)
        : filled;
  }

  @Override
  public Obj beforeCreate(Obj service) {
    return service
        .with("status", Obj.of("loadBalancer", Obj.EMPTY))
        .change(
            "spec", spec -> ServiceFamilies.filled(ServiceDefaults.withAddresses(spec), Obj.EMPTY));
  }

  @Override
  public Obj beforeUpdate(Obj updated, Obj existing) {
    return ServiceUpdates.status(
        Defaults.copied(updated, existing, "status")
            .change("spec", spec -> ServiceUpdates.spec(spec, existing.obj("spec"))));
  }

  @Override
  public void check(Obj service, Causes causes) {
    ServiceChecks.check(service, causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    ServiceChecks.checkUpdate(updated.obj("spec"), existing.obj("spec"), causes);
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    StatusChecks.service(updated, causes);
  }
}
