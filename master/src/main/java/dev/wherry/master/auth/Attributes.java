package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import java.util.List;
import java.util.Map;

/**
 * What authorization is asked about: a user, and what the user wants to do to what.
 *
 * @param verb {@code get}, {@code list}, {@code watch}, {@code create}, {@code update}, {@code
 *     patch}, {@code delete}, {@code deletecollection}, or one that is only ever asked about, such
 *     as {@code bind}; of a path the HTTP method in lower case
 * @param narrowed the fields, and the value of each, that every object asked about has: what a
 *     field selector of a list or watch says by {@code =}
 */
public record Attributes(
    String user, List<String> groups, String verb, Target target, Map<String, String> narrowed) {

  /** What it is to be done to. */
  public sealed interface Target {
    /**
     * Objects.
     *
     * @param subresource empty for the object itself
     * @param key name and namespace; the name is empty where the request is about a collection
     */
    record Resource(GroupResource resource, String subresource, ObjectKey key) implements Target {
      /** As rules name it: {@code pods}, {@code pods/log}. */
      public String path() {
        return subresource.isEmpty()
            ? resource.resource()
            : resource.resource() + "/" + subresource;
      }
    }

    /** A path that is no resource, such as {@code /healthz}. */
    record Path(String path) implements Target {}
  }

  public Attributes {
    groups = List.copyOf(groups);
    narrowed = Map.copyOf(narrowed);
  }

  public Attributes(String user, List<String> groups, String verb, Target target) {
    this(user, groups, verb, target, Map.of());
  }

  public Attributes(
      String user,
      List<String> groups,
      String verb,
      GroupResource resource,
      String subresource,
      ObjectKey key) {
    this(user, groups, verb, new Target.Resource(resource, subresource, key));
  }

  public Attributes narrowedTo(Map<String, String> fields) {
    return new Attributes(user, groups, verb, target, fields);
  }

  /** The namespace that is asked about; empty for the cluster. */
  String namespace() {
    return target instanceof Target.Resource resource ? resource.key().namespace() : "";
  }
}
