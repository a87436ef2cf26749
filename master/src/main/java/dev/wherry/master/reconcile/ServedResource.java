package dev.wherry.master.reconcile;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.registry.Definitions;
import java.util.List;

/**
 * A resource that the master serves, as far as controllers that treat all kinds alike need it.
 *
 * @param apiVersion of its objects as they come from {@code ObjectAccess}
 */
public record ServedResource(
    GroupResource resource, String apiVersion, String kind, boolean namespaced) {

  /** All that the master serves. */
  public static List<ServedResource> all(Definitions definitions) {
    return definitions.all().stream()
        .filter(each -> each.allows("watch")) // what cannot be watched is not stored
        .map(
            each ->
                new ServedResource(
                    each.resource(), each.apiVersion(), each.kind(), each.isNamespaced()))
        .toList();
  }

  /** Whether objects of this kind belong to the resource, in whatever version. */
  public boolean isOf(String group, String objectKind) {
    return resource.group().equals(group) && kind.equals(objectKind);
  }
}
