package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What amounts of resources must be like, and how they may be resized. Pure. */
final class ResourceChecks {
  private static final List<String> OF_CONTAINERS = List.of("cpu", "ephemeral-storage", "memory");
  private static final String PAGES = "hugepages-";
  private static final List<String> RESIZABLE = List.of("cpu", "memory");
  private static final List<String> POLICIES = List.of("NotRequired", "RestartContainer");

  private ResourceChecks() {}

  /** The resources that a container asks for and may use. */
  static void check(Obj resources, String path, Set<String> claims, Causes causes) {
    Obj limits = resources.obj("limits");
    Obj requests = resources.obj("requests");
    for (Obj.Entry limit : limits) {
      String at = path + ".limits[" + limit.key() + "]";
      name(limit.key(), at, causes);
      Optional<Quantity> _ = amount(limit.key(), limit.value(), at, causes);
    }
    for (Obj.Entry request : requests) {
      String at = path + ".requests[" + request.key() + "]";
      name(request.key(), at, causes);
      Optional<Quantity> asked = amount(request.key(), request.value(), at, causes);
      asked.ifPresent(quantity -> withinLimit(request, quantity, limits, path, causes));
    }
    if (hasPages(limits, requests) && !hasComputing(limits) && !hasComputing(requests)) {
      causes.forbidden(path, "HugePages require cpu or memory");
    }
    claims(resources.objs("claims"), path + ".claims", claims, causes);
  }

  private static boolean hasPages(Obj... amounts) {
    for (Obj each : amounts) {
      for (Obj.Entry entry : each) {
        if (entry.key().startsWith(PAGES)) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean hasComputing(Obj amounts) {
    return amounts.has("cpu") || amounts.has("memory");
  }

  private static void withinLimit(
      Obj.Entry request, Quantity asked, Obj limits, String path, Causes causes) {
    String name = request.key();
    Optional<Object> bound = limits.get(name);
    Optional<Quantity> limit = bound.flatMap(value -> Checks.quantity(value, path, new Causes()));
    if (bound.isEmpty()) {
      if (!overcommits(name)) {
        causes.required(path + ".limits", "Limit must be set for non overcommitable resources");
      }
    } else if (limit.isPresent()) {
      int compared = asked.compareTo(limit.get());
      String detail = name + " limit of " + bound.get();
      if (compared != 0 && !overcommits(name)) {
        causes.invalid(path + ".requests", request.value(), "must be equal to " + detail);
      } else if (compared > 0) {
        causes.invalid(
            path + ".requests", request.value(), "must be less than or equal to " + detail);
      }
    }
  }

  /** Kubernetes' own, or with a domain. */
  private static boolean isNative(String name) {
    return !name.contains("/") || name.contains("kubernetes.io/");
  }

  private static boolean overcommits(String name) {
    return isNative(name) && !name.startsWith(PAGES);
  }

  private static void name(String name, String path, Causes causes) {
    Labels.checkQualifiedName(name, path, causes);
    if (!name.contains("/") && !OF_CONTAINERS.contains(name) && !name.startsWith(PAGES)) {
      causes.invalid(path, name, "must be a standard resource for containers");
    }
  }

  /** The amount, whole where the resource cannot be divided. */
  static Optional<Quantity> amount(String name, Object value, String path, Causes causes) {
    Optional<Quantity> amount = Checks.quantity(value, path, causes);
    boolean whole = !isNative(name) || name.startsWith("count/") || isCounted(name);
    if (whole && amount.isPresent() && !isWhole(amount.get())) {
      causes.invalid(path, value, "must be an integer");
    }
    return amount;
  }

  private static boolean isCounted(String name) {
    return List.of(
            "configmaps",
            "persistentvolumeclaims",
            "pods",
            "replicationcontrollers",
            "resourcequotas",
            "secrets",
            "services",
            "services.loadbalancers",
            "services.nodeports")
        .contains(name);
  }

  private static boolean isWhole(Quantity quantity) {
    return quantity.value().remainder(BigDecimal.ONE).signum() == 0;
  }

  private static void claims(List<Obj> used, String path, Set<String> known, Causes causes) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < used.size(); i++) {
      String name = used.get(i).string("name");
      String at = path + "[" + i + "]";
      if (name.isEmpty()) {
        causes.required(at, "");
        continue;
      }
      String request = used.get(i).string("request");
      if (!seen.add(name + "/" + request)) {
        causes.duplicate(at, name + (request.isEmpty() ? "" : "/" + request));
      }
      if (!known.contains(name)) {
        causes.add(Cause.notFound(at, name));
      }
    }
  }

  /** The names of a pod's claims. */
  static Set<String> podClaims(Obj spec, String path, Causes causes) {
    Set<String> names = new HashSet<>();
    List<Obj> claims = spec.objs("resourceClaims");
    for (int i = 0; i < claims.size(); i++) {
      Obj claim = claims.get(i);
      String at = path + ".resourceClaims[" + i + "]";
      String name = claim.string("name");
      Checks.name(NameRule.DNS_LABEL, name, at + ".name", causes);
      if (!name.isEmpty() && !names.add(name)) {
        causes.duplicate(at + ".name", name);
      }
      boolean claimed = claim.has("resourceClaimName");
      boolean templated = claim.has("resourceClaimTemplateName");
      if (claimed && templated) {
        causes.invalid(
            at,
            claim,
            "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
      } else if (!claimed && !templated) {
        causes.invalid(
            at, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
      }
    }
    return names;
  }

  static void resizePolicy(Obj container, String path, String restartPolicy, Causes causes) {
    List<Obj> policies = container.objs("resizePolicy");
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < policies.size(); i++) {
      String name = policies.get(i).string("resourceName");
      String policy = policies.get(i).string("restartPolicy");
      if (!seen.add(name)) {
        causes.duplicate(path + "[" + i + "]", name);
      }
      oneOf(name, path, RESIZABLE, causes);
      oneOf(policy, path, POLICIES, causes);
      if (restartPolicy.equals("Never") && !policy.equals("NotRequired")) {
        causes.invalid(path, policy, "must be 'NotRequired' when `restartPolicy` is 'Never'");
      }
    }
  }

  private static void oneOf(String value, String path, List<String> supported, Causes causes) {
    if (value.isEmpty()) {
      causes.required(path, "");
    } else if (!supported.contains(value)) {
      causes.notSupported(path, value, supported);
    }
  }

  /** What of a container's or a pod's resources may not change when the pod is resized. */
  static void resized(Obj container, Obj before, String path, Causes causes) {
    Obj now = container.obj("resources");
    Obj was = before.obj("resources");
    for (String amounts : List.of("requests", "limits")) {
      List<String> gone = new ArrayList<>();
      was.obj(amounts).forEach(entry -> gone.add(entry.key()));
      now.obj(amounts).forEach(entry -> gone.remove(entry.key()));
      if (!gone.isEmpty()) {
        causes.forbidden(path + "." + amounts, "resource " + amounts + " cannot be removed");
      }
    }
  }
}
