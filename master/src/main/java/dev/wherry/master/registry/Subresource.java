package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import java.util.List;

/**
 * A part of a resource with a path of its own, such as {@code status}.
 *
 * @param kind of the objects that come and go there
 * @param verbs as discovery names them
 * @param handling who serves it
 */
public record Subresource(
    String name, GroupVersionKind kind, List<String> verbs, Handling handling) {

  /** Who serves a subresource. */
  public enum Handling {
    /** The registry, through {@code ObjectAccess}. */
    OBJECT,
    /** The {@link Connector}: a stream to the object's node. */
    STREAM
  }

  public Subresource {
    verbs = List.copyOf(verbs);
  }

  static Subresource of(String name, GroupVersionKind kind, String... verbs) {
    return new Subresource(name, kind, List.of(verbs), Handling.OBJECT);
  }

  static Subresource stream(String name, GroupVersionKind kind, String... verbs) {
    return new Subresource(name, kind, List.of(verbs), Handling.STREAM);
  }
}
