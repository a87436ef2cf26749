package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;

/** What the spec of an ingress must be like, in Kubernetes' words. Pure. */
final class IngressChecks {
  private static final String CLASS = "kubernetes.io/ingress.class";
  private static final List<String> PATH_TYPES =
      List.of("Exact", "ImplementationSpecific", "Prefix");
  private static final List<String> BAD_SEQUENCES = List.of("//", "/./", "/../", "%2f", "%2F");
  private static final List<String> BAD_ENDS = List.of("/..", "/.");

  private IngressChecks() {}

  static void check(Obj spec, Causes causes) {
    List<Obj> rules = spec.objs("rules");
    if (rules.isEmpty() && !spec.has("defaultBackend")) {
      causes.invalid(
          "spec", spec.list("rules"), "either `defaultBackend` or `rules` must be specified");
    }
    if (spec.has("defaultBackend")) {
      backend(spec.obj("defaultBackend"), "spec.defaultBackend", causes);
    }
    for (int i = 0; i < rules.size(); i++) {
      rule(rules.get(i), "spec.rules[" + i + "]", causes);
    }
    List<Obj> certificates = spec.objs("tls");
    for (int i = 0; i < certificates.size(); i++) {
      certificate(certificates.get(i), "spec.tls[" + i + "]", causes);
    }
    if (spec.has("ingressClassName")) {
      named(
          NameRule.DNS_SUBDOMAIN, spec.string("ingressClassName"), "spec.ingressClassName", causes);
    }
  }

  /** Whose a new ingress is, said in two ways. */
  static void sameClass(Obj ingress, Causes causes) {
    Obj annotations = ingress.at("metadata", "annotations");
    Obj spec = ingress.obj("spec");
    boolean both = annotations.has(CLASS) && spec.has("ingressClassName");
    if (both && !annotations.string(CLASS).equals(spec.string("ingressClassName"))) {
      causes.invalid(
          "annotations." + CLASS,
          annotations.string(CLASS),
          "must match `ingressClassName` when both are specified");
    }
  }

  private static void named(NameRule rule, String name, String path, Causes causes) {
    rule.complaint(name).ifPresent(complaint -> causes.invalid(path, name, complaint));
  }

  private static void certificate(Obj of, String path, Causes causes) {
    List<String> hosts = of.strings("hosts");
    for (int i = 0; i < hosts.size(); i++) {
      domain(hosts.get(i), path + ".hosts[" + i + "]", causes);
    }
    String secret = of.string("secretName");
    if (!secret.isEmpty()) {
      named(NameRule.DNS_SUBDOMAIN, secret, path + ".secretName", causes);
    }
  }

  private static void domain(String host, String path, Causes causes) {
    boolean wildcard = host.contains("*");
    named(wildcard ? NameRule.WILDCARD_DNS_SUBDOMAIN : NameRule.DNS_SUBDOMAIN, host, path, causes);
  }

  private static void rule(Obj rule, String path, Causes causes) {
    String host = rule.string("host");
    if (!host.isEmpty()) {
      if (Cidrs.isAddress(host)) {
        causes.invalid(path + ".host", host, "must be a DNS name, not an IP address");
      }
      domain(host, path + ".host", causes);
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
    String value = each.string("path");
    if (!each.has("pathType")) {
      causes.required(path + ".pathType", "pathType must be specified");
      return;
    }
    switch (each.string("pathType")) {
      case "Exact", "Prefix" -> {
        absolute(value, path + ".path", causes);
        sequences(value, path + ".path", causes);
      }
      case "ImplementationSpecific" -> {
        if (!value.isEmpty()) {
          absolute(value, path + ".path", causes);
        }
      }
      default -> causes.notSupported(path + ".pathType", each.string("pathType"), PATH_TYPES);
    }
    backend(each.obj("backend"), path + ".backend", causes);
  }

  private static void absolute(String value, String path, Causes causes) {
    if (!value.startsWith("/")) {
      causes.invalid(path, value, "must be an absolute path");
    }
  }

  private static void sequences(String value, String path, Causes causes) {
    for (String bad : BAD_SEQUENCES) {
      if (value.contains(bad)) {
        causes.invalid(path, value, "must not contain '" + bad + "'");
      }
    }
    for (String bad : BAD_ENDS) {
      if (value.endsWith(bad)) {
        causes.invalid(path, value, "cannot end with '" + bad + "'");
      }
    }
  }

  private static void backend(Obj backend, String path, Causes causes) {
    boolean service = backend.has("service");
    boolean resource = backend.has("resource");
    if (service && resource) {
      causes.invalid(path, "", "cannot set both resource and service backends");
    } else if (resource) {
      reference(backend.obj("resource"), path + ".resource", causes);
    } else if (service) {
      Obj of = backend.obj("service");
      Checks.name(NameRule.DNS_LABEL, of.string("name"), path + ".service.name", causes);
      port(of.obj("port"), path, causes);
    } else {
      causes.invalid(path, "", "resource or service backend is required");
    }
  }

  private static void port(Obj port, String path, Causes causes) {
    boolean named = !port.string("name").isEmpty();
    boolean numbered = port.number("number", 0) != 0;
    if (named && numbered) {
      causes.invalid(path, "", "cannot set both port name & port number");
    } else if (named) {
      Checks.portName(port.string("name"), path + ".service.port.name", causes);
    } else if (numbered) {
      Checks.port(port.number("number", 0), path + ".service.port.number", causes);
    } else {
      causes.required(path, "port name or number is required");
    }
  }

  /** Another object: its group, its kind and its name. */
  static void reference(Obj of, String path, Causes causes) {
    if (of.has("apiGroup")) {
      named(NameRule.DNS_SUBDOMAIN, of.string("apiGroup"), path + ".apiGroup", causes);
    }
    for (String key : List.of("kind", "name")) {
      Checks.name(NameRule.PATH_SEGMENT, of.string(key), path + "." + key, causes);
    }
  }
}
