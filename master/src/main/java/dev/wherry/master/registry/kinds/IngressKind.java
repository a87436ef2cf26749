package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Ingresses. */
final class IngressKind implements SpecAndStatus {
  private static final List<String> PATH_TYPES =
      List.of("Exact", "ImplementationSpecific", "Prefix");
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
    Obj spec = ingress.obj("spec");
    List<Obj> rules = spec.objs("rules");
    if (rules.isEmpty() && !spec.has("defaultBackend")) {
      causes.invalid("spec", spec, "either `defaultBackend` or `rules` must be specified");
    }
    if (spec.has("defaultBackend")) {
      backend(spec.obj("defaultBackend"), "spec.defaultBackend", causes);
    }
    for (int i = 0; i < rules.size(); i++) {
      rule(rules.get(i), "spec.rules[" + i + "]", causes);
    }
    List<Obj> tls = spec.objs("tls");
    for (int i = 0; i < tls.size(); i++) {
      for (String host : tls.get(i).strings("hosts")) {
        host(host, "spec.tls[" + i + "].hosts", causes);
      }
    }
  }

  private static void rule(Obj rule, String path, Causes causes) {
    String host = rule.string("host");
    if (!host.isEmpty()) {
      host(host, path + ".host", causes);
    }
    if (!rule.has("http")) {
      return;
    }
    List<Obj> paths = rule.obj("http").objs("paths");
    if (paths.isEmpty()) {
      causes.required(path + ".http.paths", "");
    }
    for (int i = 0; i < paths.size(); i++) {
      path(paths.get(i), path + ".http.paths[" + i + "]", causes);
    }
  }

  private static void path(Obj each, String path, Causes causes) {
    String type = each.string("pathType");
    String value = each.string("path");
    if (type.isEmpty()) {
      causes.required(path + ".pathType", "pathType must be specified");
    } else if (!PATH_TYPES.contains(type)) {
      causes.notSupported(path + ".pathType", type, PATH_TYPES);
    } else if (!type.equals("ImplementationSpecific") && !value.startsWith("/")
        || !value.isEmpty() && !value.startsWith("/")) {
      causes.invalid(path + ".path", value, "must be an absolute path");
    } else if (!type.equals("ImplementationSpecific")) {
      for (String bad : List.of("//", "/./", "/../", "%2f", "%2F")) {
        if (value.contains(bad)) {
          causes.invalid(path + ".path", value, "must not contain '" + bad + "'");
        }
      }
      for (String bad : List.of("/..", "/.")) {
        if (value.endsWith(bad)) {
          causes.invalid(path + ".path", value, "cannot end with '" + bad + "'");
        }
      }
    }
    backend(each.obj("backend"), path + ".backend", causes);
  }

  private static void backend(Obj backend, String path, Causes causes) {
    boolean service = backend.has("service");
    boolean resource = backend.has("resource");
    if (service && resource) {
      causes.invalid(path, "", "cannot set both resource and service backends");
    } else if (!service && !resource) {
      causes.required(path, "either resource or service backend is required");
    } else if (service) {
      Obj of = backend.obj("service");
      if (of.string("name").isEmpty()) {
        causes.required(path + ".service.name", "");
      } else {
        Checks.name(NameRule.DNS_LABEL, of.string("name"), path + ".service.name", causes);
      }
      Obj port = of.obj("port");
      boolean named = !port.string("name").isEmpty();
      boolean numbered = port.number("number", 0) != 0;
      if (named && numbered) {
        causes.invalid(path, "", "cannot set both port name & port number");
      } else if (!named && !numbered) {
        causes.required(path, "port name or number is required");
      } else if (numbered) {
        Checks.port(port.number("number", 0), path + ".service.port.number", causes);
      } else {
        Checks.portName(port.string("name"), path + ".service.port.name", causes);
      }
    }
  }

  private static void host(String host, String path, Causes causes) {
    String rest = host.startsWith("*.") ? host.substring(2) : host;
    Checks.name(NameRule.DNS_SUBDOMAIN, rest, path, causes);
    if (rest.matches("[0-9.]+") && rest.chars().filter(c -> c == '.').count() == 3) {
      causes.invalid(path, host, "must be a DNS name, not an IP address");
    }
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    StatusChecks.ingress(updated, causes);
  }
}
