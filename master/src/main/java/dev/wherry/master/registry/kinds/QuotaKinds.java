package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Bounds of a namespace: resource quotas and limit ranges. */
final class QuotaKinds {
  static final ResourceDefinition RESOURCE_QUOTA =
      ResourceDefinition.of("", "v1", "ResourceQuota", "resourcequotas")
          .shortNames("quota")
          .withStatus()
          .columns(
              Column.NAME,
              Column.text("Request", (quota, _) -> amounts(quota, Part.REQUEST)),
              Column.text("Limit", (quota, _) -> amounts(quota, Part.LIMIT)),
              Column.AGE)
          .strategy(new Quota())
          .build();
  static final ResourceDefinition LIMIT_RANGE =
      ResourceDefinition.of("", "v1", "LimitRange", "limitranges")
          .shortNames("limits")
          .columns(
              Column.NAME,
              Column.text(
                  "Created At", (range, _) -> range.obj("metadata").string("creationTimestamp")))
          .strategy(new Limits())
          .build();

  private enum Part {
    REQUEST,
    LIMIT
  }

  private QuotaKinds() {}

  private static String amounts(Obj quota, Part part) {
    List<String> texts = new ArrayList<>();
    Obj used = quota.at("status", "used");
    for (Obj.Entry hard : quota.at("status", "hard")) {
      if (hard.key().startsWith("limits.") == (part == Part.LIMIT)) {
        texts.add(hard.key() + ": " + used.get(hard.key()).orElse("0") + "/" + hard.value());
      }
    }
    texts.sort(null);
    return String.join(", ", texts);
  }

  private static final class Quota implements SpecAndStatus {
    private static final List<String> STANDARD =
        List.of(
            "configmaps",
            "cpu",
            "ephemeral-storage",
            "limits.cpu",
            "limits.ephemeral-storage",
            "limits.memory",
            "memory",
            "persistentvolumeclaims",
            "pods",
            "replicationcontrollers",
            "requests.cpu",
            "requests.ephemeral-storage",
            "requests.memory",
            "requests.storage",
            "resourcequotas",
            "secrets",
            "services",
            "services.loadbalancers",
            "services.nodeports");

    @Override
    public Obj beforeCreate(Obj quota) {
      return quota.with("status", Obj.EMPTY);
    }

    @Override
    public boolean hasGeneration() {
      return false;
    }

    @Override
    public void check(Obj quota, Causes causes) {
      for (Obj.Entry hard : quota.at("spec", "hard")) {
        String path = "spec.hard[" + hard.key() + "]";
        Labels.checkQualifiedName(hard.key(), path, causes);
        if (!hard.key().contains("/") && !isStandard(hard.key())) {
          causes.invalid(path, hard.key(), "must be a standard resource for quota");
        }
        ResourceChecks.amount(hard.key(), hard.value(), path, causes);
      }
      QuotaScopeChecks.check(quota.obj("spec"), Quota::isStandard, causes);
    }

    private static boolean isStandard(String name) {
      return STANDARD.contains(name)
          || name.matches("(requests\\.)?hugepages-.+")
          || name.startsWith("count/");
    }

    @Override
    public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
      StatusChecks.quota(updated, causes);
    }

    @Override
    public void checkUpdate(Obj updated, Obj existing, Causes causes) {
      Obj now = updated.obj("spec");
      Obj before = existing.obj("spec");
      Checks.immutable(now, before, "scopes", "spec.scopes", causes);
      Checks.immutable(now, before, "scopeSelector", "spec.scopeSelector", causes);
    }
  }

  private static final class Limits implements Strategy {
    private static final List<String> ORDER = List.of("min", "defaultRequest", "default", "max");

    /** A container's default limit is its maximum, its default request its default limit. */
    @Override
    public Obj defaults(Obj range) {
      return range.change(
          "spec", spec -> Defaults.changedItems(spec, "limits", Limits::containerDefaults));
    }

    private static Obj containerDefaults(Obj limit) {
      if (!limit.string("type").equals("Container")) {
        return limit;
      }
      Obj made = filled(limit, "default", "max");
      made = filled(made, "defaultRequest", "default");
      return filled(made, "defaultRequest", "min");
    }

    private static Obj filled(Obj limit, String key, String from) {
      Obj values = limit.obj(key);
      for (Obj.Entry entry : limit.obj(from)) {
        values = values.has(entry.key()) ? values : values.with(entry.key(), entry.value());
      }
      return values.isEmpty() ? limit : limit.with(key, values);
    }

    @Override
    public boolean createsOnUpdate() {
      return true;
    }

    @Override
    public void check(Obj range, Causes causes) {
      List<Obj> limits = range.obj("spec").objs("limits");
      Set<String> types = new HashSet<>();
      for (int i = 0; i < limits.size(); i++) {
        String path = "spec.limits[" + i + "]";
        String type = limits.get(i).string("type");
        Labels.checkQualifiedName(type, path + ".type", causes);
        if (!type.contains("/")
            && !List.of("Container", "PersistentVolumeClaim", "Pod").contains(type)) {
          causes.invalid(path + ".type", type, "must be a standard limit type or fully qualified");
        }
        if (!types.add(type)) {
          causes.duplicate(path + ".type", type);
        }
        boolean claims = type.equals("PersistentVolumeClaim");
        boolean bounded =
            limits.get(i).obj("min").has("storage") || limits.get(i).obj("max").has("storage");
        if (claims && !bounded) {
          causes.required(
              path,
              "either minimum or maximum storage value is required, but neither was provided");
        }
        ratios(limits.get(i), path, causes);
        if (type.equals("Pod")) {
          for (String key : List.of("default", "defaultRequest")) {
            if (limits.get(i).has(key)) {
              causes.forbidden(path + "." + key, "may not be specified when `type` is 'Pod'");
            }
          }
        }
        ordered(limits.get(i), path, causes);
      }
    }

    private static void ratios(Obj limit, String path, Causes causes) {
      for (Obj.Entry ratio : limit.obj("maxLimitRequestRatio")) {
        String at = path + ".maxLimitRequestRatio[" + ratio.key() + "]";
        Checks.quantity(ratio.value(), at, causes)
            .filter(quantity -> quantity.value().compareTo(BigDecimal.ONE) < 0)
            .ifPresent(
                _ ->
                    causes.invalid(
                        at, ratio.value(), "ratio " + ratio.value() + " is less than 1"));
      }
    }

    /** Each of minimum, default request, default and maximum at most the next that is given. */
    private static void ordered(Obj limit, String path, Causes causes) {
      for (int low = 0; low < ORDER.size(); low++) {
        for (Obj.Entry entry : limit.obj(ORDER.get(low))) {
          String at = path + "." + ORDER.get(low) + "[" + entry.key() + "]";
          Optional<Quantity> value = Checks.quantity(entry.value(), at, causes);
          for (int high = low + 1; high < ORDER.size() && value.isPresent(); high++) {
            Optional<Object> bound = limit.obj(ORDER.get(high)).get(entry.key());
            if (bound.isPresent() && value.get().compareTo(Quantity.of(bound.get())) > 0) {
              causes.invalid(
                  at,
                  entry.value(),
                  ORDER.get(low)
                      + " value "
                      + entry.value()
                      + " is greater than "
                      + ORDER.get(high)
                      + " value "
                      + bound.get());
            }
          }
        }
      }
    }
  }
}
