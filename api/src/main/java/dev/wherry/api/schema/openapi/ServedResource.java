package dev.wherry.api.schema.openapi;

import dev.wherry.api.object.GroupVersionKind;
import java.util.List;

/**
 * One resource as the server serves it, in one version.
 *
 * @param plural the name in paths
 * @param verbs as discovery names them
 * @param deleted the kind that a delete of one answers: {@code Status}, or its own
 */
public record ServedResource(
    GroupVersionKind kind,
    String plural,
    Scope scope,
    List<String> verbs,
    String deleted,
    List<Part> subresources) {

  /** Where objects of a resource are. */
  public enum Scope {
    CLUSTER,
    NAMESPACED
  }

  /**
   * A subresource, such as {@code status}.
   *
   * @param kind of what is sent and answered there
   */
  public record Part(String name, GroupVersionKind kind, List<String> verbs) {
    public Part {
      verbs = List.copyOf(verbs);
    }
  }

  public ServedResource {
    verbs = List.copyOf(verbs);
    subresources = List.copyOf(subresources);
  }

  /** {@code api/v1}, or {@code apis/apps/v1}: the name of the group version's document. */
  public String groupVersionPath() {
    return groupVersionPath(kind);
  }

  static String groupVersionPath(GroupVersionKind kind) {
    return kind.group().isEmpty()
        ? "api/" + kind.version()
        : "apis/" + kind.group() + "/" + kind.version();
  }
}
