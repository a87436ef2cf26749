package dev.wherry.agent.ingress;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.IngressClassView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Which backend answers a request, by all Ingresses of this controller's class
 * (networking.k8s.io/v1). A host's own rules go first, then those of a wildcard, then those without
 * a host, then a default backend. Within a host the longest path goes first, an exact one before a
 * prefix of its length. Where two Ingresses say the same, the older has it. Pure and immutable.
 */
final class IngressRouter {
  private static final String ANY_HOST = "";
  private static final String WWW = "www.";

  /** Longest first; of the same length exact ones, then prefixes. The sort keeps older first. */
  private static final Comparator<Route> PRECEDENCE =
      Comparator.<Route>comparingInt(route -> -route.path().length()).thenComparing(Route::type);

  private static final Comparator<Obj> AGE =
      Comparator.<Obj, Instant>comparing(
              each -> Meta.of(each).creationTimestamp().orElse(Instant.MAX))
          .thenComparing(ObjectKey::of);

  private final Map<String, List<Route>> routes;
  private final Optional<Route> defaultRoute;
  private final Map<String, String> twins;
  private final Map<String, ObjectKey> certificates;

  /** Ingresses that have a certificate for whatever host is asked for. */
  private final Set<ObjectKey> securedForAll;

  /** Who names a Secret for its hosts. */
  private final Map<ObjectKey, Set<ObjectKey>> naming;

  private final List<Mistake> mistakes;

  private IngressRouter(Builder builder) {
    this.routes = builder.routes;
    this.defaultRoute = builder.defaultRoute;
    this.twins = builder.twins;
    this.certificates = builder.certificates;
    this.securedForAll = builder.securedForAll;
    this.naming = builder.naming;
    this.mistakes = List.copyOf(builder.mistakes);
  }

  /**
   * @param ingresses all there are
   * @param classes the IngressClasses that this node serves; others may be among them
   */
  static IngressRouter of(Collection<Obj> ingresses, Collection<Obj> classes) {
    Builder builder = new Builder();
    ours(ingresses, classes).forEach(builder::add);
    return builder.build();
  }

  /** The Ingresses that this controller serves, the oldest first. */
  static List<Obj> ours(Collection<Obj> ingresses, Collection<Obj> classes) {
    List<Obj> ours = new ArrayList<>();
    for (Obj each : ingresses) {
      if (IngressClassView.of(each, classes).isPresent()) {
        ours.add(each);
      }
    }
    ours.sort(AGE);
    return ours;
  }

  /** What an Ingress asks for that is not done. */
  record Mistake(ObjectKey ingress, String reason, String message) {}

  /** Paths that lead nowhere, annotations that are not understood. */
  List<Mistake> mistakes() {
    return mistakes;
  }

  /** Whether there is nothing to serve. */
  boolean isEmpty() {
    return routes.isEmpty() && defaultRoute.isEmpty();
  }

  /**
   * The route of a request.
   *
   * @param host lower case, without a port
   * @param path without its query
   */
  Optional<Route> route(String host, String path) {
    Optional<Route> found = among(host, path);
    int dot = host.indexOf('.');
    if (found.isEmpty() && dot > 0) {
      found = among("*" + host.substring(dot), path);
    }
    if (found.isEmpty()) {
      found = among(ANY_HOST, path);
    }
    return found.isEmpty() ? defaultRoute : found;
  }

  private Optional<Route> among(String host, String path) {
    for (Route route : routes.getOrDefault(host, List.of())) {
      if (route.matches(path)) {
        return Optional.of(route);
      }
    }
    return Optional.empty();
  }

  /** The host that another one, which differs by {@code www.} and has no rules, stands for. */
  Optional<String> twinOf(String host) {
    return Optional.ofNullable(twins.get(host));
  }

  /** The Secret with the certificate of a host; empty: none is named for it. */
  Optional<ObjectKey> certificate(String host) {
    return ownCertificate(host).or(() -> Optional.ofNullable(certificates.get(ANY_HOST)));
  }

  private Optional<ObjectKey> ownCertificate(String host) {
    ObjectKey own = certificates.get(host);
    int dot = host.indexOf('.');
    return own != null || dot < 0
        ? Optional.ofNullable(own)
        : Optional.ofNullable(certificates.get("*" + host.substring(dot)));
  }

  /** Whether an Ingress serves a host with a certificate that somebody named for it. */
  boolean isSecured(ObjectKey ingress, String host) {
    return securedForAll.contains(ingress) || ownCertificate(host).isPresent();
  }

  /** All Secrets that are named. */
  Set<ObjectKey> secrets() {
    return naming.keySet();
  }

  /** The Ingresses that name a Secret. */
  Set<ObjectKey> naming(ObjectKey secret) {
    return naming.getOrDefault(secret, Set.of());
  }

  /** Collects Ingresses, the oldest first. */
  private static final class Builder {
    private final Map<String, List<Route>> routes = new HashMap<>();
    private final Map<String, Set<Route>> aliased = new HashMap<>();
    private final Map<String, String> twins = new HashMap<>();
    private final Map<String, ObjectKey> certificates = new HashMap<>();
    private final Set<ObjectKey> securedForAll = new HashSet<>();
    private final Map<ObjectKey, Set<ObjectKey>> naming = new HashMap<>();
    private final List<Mistake> mistakes = new ArrayList<>();
    private Optional<Route> defaultRoute = Optional.empty();

    void add(Obj ingress) {
      String namespace = Meta.of(ingress).namespace();
      RouteOptions options = RouteOptions.of(ingress);
      options.complaints().forEach(each -> mistaken(options, "Annotation", each));
      if (options.canary()) {
        mistaken(options, "Annotation", "a canary is not supported: it gets no requests");
        return;
      }
      Obj spec = ingress.obj("spec");
      Optional<Route> fallback = Optional.empty();
      if (spec.has("defaultBackend")) {
        Obj backend = spec.obj("defaultBackend");
        tellResource(options, "spec.defaultBackend", backend);
        fallback = Optional.of(Route.of("Prefix", "/", service(namespace, backend), options));
      }
      if (defaultRoute.isEmpty()) {
        defaultRoute = fallback;
      }
      for (Obj rule : spec.objs("rules")) {
        String host = rule.string("host").toLowerCase(Locale.ROOT);
        List<Obj> paths = rule.obj("http").objs("paths");
        if (paths.isEmpty()) {
          fallback.ifPresent(each -> put(host, each));
        }
        paths.forEach(path -> addPath(namespace, host, path, options));
      }
      addCertificates(ingress, namespace);
    }

    private void addPath(String namespace, String host, Obj path, RouteOptions options) {
      String text = path.string("path", "/");
      try {
        Obj backend = path.obj("backend");
        tellResource(options, "path \"" + text + "\"", backend);
        put(
            host,
            Route.of(
                path.string("pathType", "Prefix"), text, service(namespace, backend), options));
      } catch (IllegalArgumentException e) {
        // A path that is no expression leads nowhere; the others of the Ingress do.
        mistaken(options, "Path", "path \"%s\" leads nowhere: %s".formatted(text, e.getMessage()));
      }
    }

    private void tellResource(RouteOptions options, String where, Obj backend) {
      if (backend.has("resource")) {
        mistaken(
            options,
            "Backend",
            "%s: a backend of kind %s is not supported, only services are: it answers 503"
                .formatted(where, backend.obj("resource").string("kind")));
      }
    }

    private void mistaken(RouteOptions options, String reason, String message) {
      mistakes.add(new Mistake(options.ingress(), reason, message));
    }

    private void addCertificates(Obj ingress, String namespace) {
      Obj spec = ingress.obj("spec");
      for (Obj tls : spec.objs("tls")) {
        ObjectKey secret = new ObjectKey(namespace, tls.string("secretName"));
        naming.computeIfAbsent(secret, _ -> new HashSet<>()).add(ObjectKey.of(ingress));
        List<String> hosts = tls.strings("hosts");
        for (String host : hosts.isEmpty() ? hostsOf(spec) : hosts) {
          certificates.putIfAbsent(host.toLowerCase(Locale.ROOT), secret);
          if (host.isEmpty()) {
            securedForAll.add(ObjectKey.of(ingress));
          }
        }
      }
    }

    /** What a certificate without hosts is for: those of the rules, any where a rule has none. */
    private static List<String> hostsOf(Obj spec) {
      List<String> hosts = new ArrayList<>();
      spec.objs("rules").forEach(rule -> hosts.add(rule.string("host")));
      if (hosts.isEmpty() || spec.has("defaultBackend")) {
        hosts.add(ANY_HOST);
      }
      return hosts;
    }

    private void put(String host, Route route) {
      routes.computeIfAbsent(host, _ -> new ArrayList<>()).add(route);
      if (route.options().redirects().twin() && !host.isEmpty() && !host.startsWith("*")) {
        twins.put(host.startsWith(WWW) ? host.substring(WWW.length()) : WWW + host, host);
      }
      for (String alias : route.options().aliases()) {
        aliased
            .computeIfAbsent(alias.toLowerCase(Locale.ROOT), _ -> new LinkedHashSet<>())
            .add(route);
      }
    }

    private static Optional<ServicePortRef> service(String namespace, Obj backend) {
      Obj service = backend.obj("service");
      if (service.string("name").isEmpty()) {
        return Optional.empty();
      }
      Obj port = service.obj("port");
      return Optional.of(
          new ServicePortRef(
              new ObjectKey(namespace, service.string("name")),
              port.string("name"),
              (int) port.number("number", 0)));
    }

    IngressRouter build() {
      aliased.forEach((host, of) -> routes.putIfAbsent(host, new ArrayList<>(of)));
      twins.keySet().removeIf(routes::containsKey); // somebody serves it
      twins.forEach((twin, host) -> routes.put(twin, Objects.requireNonNull(routes.get(host))));
      routes.values().forEach(each -> each.sort(PRECEDENCE));
      return new IngressRouter(this);
    }
  }
}
