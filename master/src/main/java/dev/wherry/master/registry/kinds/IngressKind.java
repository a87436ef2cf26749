package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Ingresses. */
final class IngressKind implements SpecAndStatus {
  private static final int SHOWN_HOSTS = 3;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("networking.k8s.io", "v1", "Ingress", "ingresses")
          .shortNames("ing")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text(
                  "Class",
                  (ingress, _) -> Cells.orNone(ingress.obj("spec").string("ingressClassName"))),
              Column.text("Hosts", (ingress, _) -> hosts(ingress)),
              Column.text("Address", (ingress, _) -> address(ingress)),
              Column.text(
                  "Ports",
                  (ingress, _) -> ingress.obj("spec").list("tls").isEmpty() ? "80" : "80, 443"),
              Column.AGE)
          .strategy(new IngressKind())
          .build();

  private IngressKind() {}

  private static String hosts(Obj ingress) {
    Set<String> hosts = new LinkedHashSet<>();
    for (Obj rule : ingress.obj("spec").objs("rules")) {
      if (!rule.string("host").isEmpty()) {
        hosts.add(rule.string("host"));
      }
    }
    if (hosts.isEmpty()) {
      return "*";
    }
    List<String> all = List.copyOf(hosts);
    String text = String.join(",", all.subList(0, Math.min(SHOWN_HOSTS, all.size())));
    int more = all.size() - SHOWN_HOSTS;
    return more > 0 ? text + " + " + more + " more..." : text;
  }

  private static String address(Obj ingress) {
    Set<String> addresses = new TreeSet<>();
    for (Obj each : ingress.at("status", "loadBalancer").objs("ingress")) {
      addresses.add(each.string("ip", each.string("hostname")));
    }
    return String.join(",", addresses);
  }

  @Override
  public void check(Obj ingress, Causes causes) {
    IngressChecks.check(ingress.obj("spec"), causes);
  }

  @Override
  public void checkNew(Obj ingress, Causes causes) {
    IngressChecks.sameClass(ingress, causes);
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    StatusChecks.ingress(updated, causes);
  }
}
