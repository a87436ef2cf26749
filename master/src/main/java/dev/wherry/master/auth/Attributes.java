package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import java.util.List;

/**
 * What authorization is asked about: a user, and what the user wants to do to which resource.
 *
 * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code
 *     patch}, {@code delete} or {@code deletecollection}
 * @param subresource empty for the object itself
 * @param key name and namespace; the name is empty where the request is about a collection
 */
public record Attributes(
    String user,
    List<String> groups,
    String verb,
    GroupResource resource,
    String subresource,
    ObjectKey key) {
  public Attributes {
    groups = List.copyOf(groups);
  }
}
