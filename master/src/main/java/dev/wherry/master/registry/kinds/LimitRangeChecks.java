package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What the limits of a namespace's pods and claims must be like, in Kubernetes' words. Pure. */
final class LimitRangeChecks {
  private static final List<String> TYPES = List.of("Container", "PersistentVolumeClaim", "Pod");
  private static final List<String> AMOUNTS =
      List.of("max", "min", "default", "defaultRequest", "maxLimitRequestRatio");

  private final Obj limit;
  private final String path;
  private final Causes causes;

  private LimitRangeChecks(Obj limit, String path, Causes causes) {
    this.limit = limit;
    this.path = path;
    this.causes = causes;
  }

  static void check(Obj range, Causes causes) {
    List<Obj> limits = range.obj("spec").objs("limits");
    Set<String> types = new HashSet<>();
    for (int i = 0; i < limits.size(); i++) {
      LimitRangeChecks each = new LimitRangeChecks(limits.get(i), "spec.limits[" + i + "]", causes);
      each.type();
      String type = limits.get(i).string("type");
      if (!types.add(type)) {
        causes.duplicate(each.path + ".type", type);
      }
      each.amounts();
    }
  }

  private void type() {
    String type = limit.string("type");
    Causes wrong = new Causes();
    Labels.checkQualifiedName(type, path + ".type", wrong);
    if (wrong.isEmpty() && !type.contains("/") && !TYPES.contains(type)) {
      wrong.invalid(path + ".type", type, "must be a standard limit type or fully qualified");
    }
    wrong.list().forEach(causes::add);
  }

  private void amounts() {
    boolean ofPods = limit.string("type").equals("Pod");
    Set<String> resources = new LinkedHashSet<>();
    for (String key : AMOUNTS) {
      if (ofPods && key.startsWith("default")) {
        if (!limit.obj(key).isEmpty()) {
          causes.forbidden(path + "." + key, "may not be specified when `type` is 'Pod'");
        }
      } else {
        limit.obj(key).forEach(each -> resources.add(named(key, each)));
      }
    }
    if (limit.string("type").equals("PersistentVolumeClaim")
        && !limit.obj("min").has("storage")
        && !limit.obj("max").has("storage")) {
      causes.required(
          path + ".limits",
          "either minimum or maximum storage value is required, but neither was provided");
    }
    for (String resource : resources) {
      ordered(resource, ofPods);
      ratio(resource);
    }
  }

  /** Checks one amount, and gives the name of its resource. */
  private String named(String key, Obj.Entry amount) {
    String name = amount.key();
    String at = at(key, name);
    if (List.of("Container", "Pod").contains(limit.string("type"))) {
      ResourceChecks.nameForContainer(name, at, causes);
    } else {
      boolean _ = ResourceChecks.isKnown(name, at, causes);
    }
    Optional<Quantity> _ = Checks.quantity(amount.value(), at, causes);
    return name;
  }

  private String at(String key, String resource) {
    return path + "." + key + "[" + resource + "]";
  }

  private Optional<Quantity> quantity(String key, String resource) {
    return limit
        .obj(key)
        .get(resource)
        .flatMap(value -> Checks.quantity(value, path, new Causes()));
  }

  private Object value(String key, String resource) {
    return limit.obj(key).get(resource).orElse("");
  }

  private void ordered(String resource, boolean ofPods) {
    order(resource, "min", "min", "max", "max", "min");
    if (ofPods) {
      return;
    }
    order(resource, "min", "min", "defaultRequest", "default request", "defaultRequest");
    order(resource, "defaultRequest", "default request", "max", "max", "defaultRequest");
    order(
        resource,
        "defaultRequest",
        "default request",
        "default",
        "default limit",
        "defaultRequest");
    order(resource, "min", "min", "default", "default", "default");
    order(resource, "default", "default", "max", "max", "default");
    Optional<Quantity> limits = quantity("default", resource);
    Optional<Quantity> requests = quantity("defaultRequest", resource);
    if (!ResourceChecks.overcommits(resource)
        && limits.isPresent()
        && requests.isPresent()
        && limits.get().compareTo(requests.get()) != 0) {
      causes.invalid(
          at("defaultRequest", resource),
          value("defaultRequest", resource),
          "default value %s must equal to defaultRequest value %s in %s"
              .formatted(value("default", resource), value("defaultRequest", resource), resource));
    }
  }

  /**
   * The low amount is at most the high one, where there are both.
   *
   * @param lowWord for it in the complaint
   * @param blamed the member whose path the complaint bears
   */
  private void order(
      String resource, String low, String lowWord, String high, String highWord, String blamed) {
    Optional<Quantity> least = quantity(low, resource);
    Optional<Quantity> most = quantity(high, resource);
    if (least.isEmpty() || most.isEmpty() || least.get().compareTo(most.get()) <= 0) {
      return;
    }
    // Kubernetes shows the bound that a default limit breaks, and else the amount itself.
    String shown = !blamed.equals("default") ? blamed : low.equals("min") ? low : high;
    causes.invalid(
        at(blamed, resource),
        value(shown, resource),
        "%s value %s is greater than %s value %s"
            .formatted(lowWord, value(low, resource), highWord, value(high, resource)));
  }

  private void ratio(String resource) {
    Optional<Quantity> ratio = quantity("maxLimitRequestRatio", resource);
    if (ratio.isEmpty()) {
      return;
    }
    String at = at("maxLimitRequestRatio", resource);
    Object shown = value("maxLimitRequestRatio", resource);
    BigDecimal most = ratio.get().value();
    if (most.compareTo(BigDecimal.ONE) < 0) {
      causes.invalid(at, shown, "ratio " + shown + " is less than 1");
    }
    Optional<BigDecimal> min = quantity("min", resource).map(Quantity::value);
    Optional<BigDecimal> max = quantity("max", resource).map(Quantity::value);
    if (min.filter(each -> each.signum() > 0).isPresent() && max.isPresent()) {
      double bound = max.get().doubleValue() / min.get().doubleValue();
      if (most.doubleValue() > bound) {
        causes.invalid(
            at,
            shown,
            String.format(Locale.ROOT, "ratio %s is greater than max/min = %f", shown, bound));
      }
    }
  }
}
