package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ResourceList;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What amounts of resources must be like, and how they may be resized. Pure. */
final class ResourceChecks {
  private static final List<String> OF_CONTAINERS = List.of("cpu", "ephemeral-storage", "memory");
  private static final List<String> COUNTED =
      List.of(
          "configmaps",
          "persistentvolumeclaims",
          "pods",
          "replicationcontrollers",
          "resourcequotas",
          "secrets",
          "services",
          "services.loadbalancers",
          "services.nodeports");
  private static final List<String> RESIZABLE = List.of("cpu", "memory");
  private static final List<String> POLICIES = List.of("NotRequired", "RestartContainer");

  private ResourceChecks() {}

  /** Complains of a resource that cannot be asked for at this place. */
  @FunctionalInterface
  interface NameCheck {
    void check(String resource, String path, Causes causes);
  }

  /** The resources that a container asks for and may use. */
  static void check(Obj resources, String path, Set<String> claims, Causes causes) {
    check(resources, path, claims, ResourceChecks::nameForContainer, causes);
  }

  static void check(
      Obj resources, String path, Set<String> claims, NameCheck names, Causes causes) {
    Obj limits = resources.obj("limits");
    Obj requests = resources.obj("requests");
    for (Obj.Entry limit : limits) {
      String at = path + ".limits[" + limit.key() + "]";
      names.check(limit.key(), at, causes);
      amount(limit.key(), limit.value(), at, causes)
          .ifPresent(quantity -> wholePages(limit, quantity, at, causes));
    }
    for (Obj.Entry request : requests) {
      String at = path + ".requests[" + request.key() + "]";
      names.check(request.key(), at, causes);
      Optional<Quantity> asked = amount(request.key(), request.value(), at, causes);
      asked.ifPresent(quantity -> withinLimit(request, quantity, limits, path, causes));
      asked.ifPresent(quantity -> wholePages(request, quantity, at, causes));
    }
    if (hasPages(limits, requests) && !hasComputing(limits) && !hasComputing(requests)) {
      causes.forbidden(path, "HugePages require cpu or memory");
    }
    ClaimChecks.used(resources.objs("claims"), path + ".claims", claims, causes);
  }

  private static boolean hasPages(Obj... amounts) {
    for (Obj each : amounts) {
      for (Obj.Entry entry : each) {
        if (isPages(entry.key())) {
          return true;
        }
      }
    }
    return false;
  }

  static boolean isPages(String resource) {
    return resource.startsWith(ResourceList.HUGE_PAGES);
  }

  /** Memory in pages of one size comes in whole pages. */
  private static void wholePages(Obj.Entry asked, Quantity amount, String path, Causes causes) {
    if (!isPages(asked.key())) {
      return;
    }
    Optional<Quantity> size =
        Checks.quantity(
            asked.key().substring(ResourceList.HUGE_PAGES.length()), path, new Causes());
    boolean whole =
        size.filter(each -> each.compareTo(Quantity.ZERO) > 0)
            .filter(each -> amount.value().remainder(each.value()).signum() == 0)
            .isPresent();
    if (!whole) {
      causes.invalid(
          path,
          asked.value(),
          asked.value() + " is not positive integer multiple of " + asked.key());
    }
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

  /** Whether nodes can have this beside Kubernetes' own, asked for with a domain. */
  static boolean isExtended(String name) {
    Causes complaints = new Causes();
    Labels.checkQualifiedName("requests." + name, "", complaints);
    return !isNative(name) && !name.startsWith("requests.") && complaints.isEmpty();
  }

  /** Whether more may be promised of it than there is. */
  static boolean overcommits(String name) {
    return isNative(name) && !isPages(name);
  }

  static void nameForContainer(String name, String path, Causes causes) {
    boolean known = isKnown(name, path, causes);
    if (!name.contains("/")) {
      if (!OF_CONTAINERS.contains(name) && !isPages(name)) {
        causes.invalid(path, name, "must be a standard resource for containers");
      }
    } else if (known && !isNative(name) && name.startsWith("requests.")) {
      causes.invalid(path, name, "doesn't follow extended resource name standard");
    }
  }

  /** Whether the name is Kubernetes' own or has a domain; says so where it is neither. */
  static boolean isKnown(String name, String path, Causes causes) {
    Causes complaints = new Causes();
    Labels.checkQualifiedName(name, path, complaints);
    if (complaints.isEmpty() && !name.contains("/") && !isStandard(name)) {
      complaints.invalid(path, name, "must be a standard resource type or fully qualified");
    }
    complaints.list().forEach(causes::add);
    return complaints.isEmpty();
  }

  private static boolean isStandard(String name) {
    String bare = name.replaceFirst("^(requests|limits)\\.", "");
    return OF_CONTAINERS.contains(bare)
        || isPages(bare)
        || bare.equals("storage")
        || COUNTED.contains(name);
  }

  /** The amount, whole where the resource cannot be divided. */
  static Optional<Quantity> amount(String name, Object value, String path, Causes causes) {
    Optional<Quantity> amount = Checks.quantity(value, path, causes);
    boolean whole = !isNative(name) || name.startsWith("count/") || COUNTED.contains(name);
    if (whole && amount.isPresent() && !isWhole(amount.get())) {
      causes.invalid(path, value, "must be an integer");
    }
    return amount;
  }

  private static boolean isWhole(Quantity quantity) {
    return quantity.value().remainder(BigDecimal.ONE).signum() == 0;
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
        causes.invalid(path, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
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
}
