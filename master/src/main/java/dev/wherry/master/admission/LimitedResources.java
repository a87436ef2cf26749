package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.quota.Amounts;
import dev.wherry.master.registry.quota.QuotaUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/**
 * What an object takes that it may take only where a quota bounds it (Kubernetes' documentation,
 * "Limit Priority Class consumption by default"). Pure.
 */
final class LimitedResources {
  private final QuotaOptions options;

  LimitedResources(QuotaOptions options) {
    this.options = options;
  }

  boolean isEmpty() {
    return options.limited().isEmpty();
  }

  /**
   * Why the object may not take this, in Kubernetes' words.
   *
   * @param quotas of its namespace
   * @param more what it takes beyond what it had
   */
  Optional<String> complaint(GroupResource resource, Obj object, Amounts more, List<Obj> quotas) {
    TreeSet<String> names = new TreeSet<>();
    List<Obj> scopes = new ArrayList<>();
    for (QuotaOptions.Limited each : options.limited()) {
      if (each.resource().equals(resource)) {
        for (String name : more.byName().keySet()) {
          if (each.contains().stream().anyMatch(name::contains)) {
            names.add(name);
          }
        }
        each.scopes().stream()
            .filter(term -> QuotaUsage.matches(term, resource, object))
            .forEach(scopes::add);
      }
    }
    for (Obj quota : quotas) {
      if (QuotaUsage.isAbout(quota, resource, object)) {
        quota.at("spec", "hard").forEach(entry -> names.remove(entry.key()));
        scopes.removeIf(term -> QuotaUsage.hasScope(quota, term.string("scopeName")));
      }
    }
    if (!names.isEmpty()) {
      return Optional.of("insufficient quota to consume: " + String.join(",", names));
    }
    return scopes.isEmpty()
        ? Optional.empty()
        : Optional.of("insufficient quota to match these scopes: " + texts(scopes));
  }

  private static String texts(List<Obj> terms) {
    StringBuilder text = new StringBuilder("[");
    for (Obj term : terms) {
      text.append(text.length() > 1 ? " {" : "{")
          .append(term.string("scopeName"))
          .append(' ')
          .append(term.string("operator"))
          .append(" [")
          .append(String.join(" ", term.strings("values")))
          .append("]}");
    }
    return text.append(']').toString();
  }
}
