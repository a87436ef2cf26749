package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Bounds of a namespace: resource quotas and limit ranges. */
final class QuotaKinds {
  static final ResourceDefinition RESOURCE_QUOTA =
      ResourceDefinition.of("", "v1", "ResourceQuota", "resourcequotas")
          .returnsDeleted()
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
      amounts(quota.at("spec", "hard"), "spec.hard", causes);
      QuotaScopeChecks.check(quota.obj("spec"), Quota::isStandard, causes);
    }

    private static void amounts(Obj amounts, String path, Causes causes) {
      for (Obj.Entry each : amounts) {
        String name = each.key();
        String at = path + "[" + name + "]";
        boolean _ = ResourceChecks.isKnown(name, at, causes);
        if (!name.contains("/") && !isStandard(name)) {
          causes.invalid(at, name, "must be a standard resource for quota");
        }
        Optional<Quantity> _ = ResourceChecks.amount(name, each.value(), at, causes);
      }
    }

    private static boolean isStandard(String name) {
      return STANDARD.contains(name) || name.matches("(requests\\.)?hugepages-.+");
    }

    @Override
    public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
      amounts(updated.at("status", "hard"), "status.hard", causes);
      amounts(updated.at("status", "used"), "status.used", causes);
    }

    @Override
    public void checkUpdate(Obj updated, Obj existing, Causes causes) {
      List<String> now = updated.obj("spec").strings("scopes");
      if (!Set.copyOf(now).equals(Set.copyOf(existing.obj("spec").strings("scopes")))) {
        causes.invalid("spec.scopes", now, Checks.IMMUTABLE);
      }
    }
  }

  private static final class Limits implements Strategy {
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
      LimitRangeChecks.check(range, causes);
    }
  }
}
