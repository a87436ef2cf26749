package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * What may be made only where a quota allows it (ResourceQuotaConfiguration). Immutable.
 *
 * @param limited each resource that is limited by default
 */
public record QuotaOptions(List<Limited> limited) {
  /** Nothing is: what no quota bounds is free. */
  public static final QuotaOptions STANDARD = new QuotaOptions(List.of());

  /**
   * A resource that is limited by default.
   *
   * @param contains parts of the names, as quotas have them, of what is limited
   * @param scopes terms as a quota's {@code scopeSelector} has them: objects that one matches are
   *     limited
   */
  public record Limited(GroupResource resource, List<String> contains, List<Obj> scopes) {
    public Limited {
      contains = List.copyOf(contains);
      scopes = List.copyOf(scopes);
    }
  }

  public QuotaOptions {
    limited = List.copyOf(limited);
  }

  /**
   * Reads the configuration of the plugin.
   *
   * @throws IllegalArgumentException with a message for the user when it is none
   */
  static QuotaOptions parse(Obj inline) {
    if (!inline.string("kind").equals("ResourceQuotaConfiguration")) {
      throw new IllegalArgumentException(
          "the plugin ResourceQuota wants a ResourceQuotaConfiguration inline");
    }
    List<Limited> limited = new ArrayList<>();
    for (Obj each : inline.objs("limitedResources")) {
      if (each.string("resource").isEmpty()) {
        throw new IllegalArgumentException(
            "limitedResources[%d].resource: Required value".formatted(limited.size()));
      }
      limited.add(
          new Limited(
              new GroupResource(each.string("apiGroup"), each.string("resource")),
              each.strings("matchContains"),
              each.objs("matchScopes")));
    }
    return new QuotaOptions(limited);
  }
}
