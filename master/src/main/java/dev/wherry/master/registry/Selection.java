package dev.wherry.master.registry;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which objects of a resource are asked for: a namespace (all where it is the empty string), labels
 * and fields. Immutable.
 */
record Selection(String namespace, LabelSelector labels, FieldSelector fields) {

  static Selection of(ResourceDefinition definition, String namespace, ListOptions options) {
    return new Selection(
        definition.isNamespaced() ? namespace : "",
        options.labelSelector(),
        FieldSelector.parse(options.fieldSelector(), definition));
  }

  /** Whether the namespace alone decides. */
  boolean isWholeNamespace() {
    return labels.isEverything() && fields.isEverything();
  }

  boolean matches(Obj object) {
    if (!namespace.isEmpty() && !namespace.equals(object.obj("metadata").string("namespace"))) {
      return false;
    }
    return (labels.isEverything() || labels.matches(object.obj("metadata").stringMap("labels")))
        && fields.matches(object);
  }

  /**
   * What a change means to a watch of this selection: objects that enter it are added, those that
   * leave it deleted.
   */
  Optional<WatchEvent> event(@Nullable Obj object, @Nullable Obj previous, long revision) {
    boolean now = object != null && matches(object);
    boolean before = previous != null && matches(previous);
    if (object != null && now) {
      return Optional.of(
          previous != null && before
              ? new WatchEvent.Modified(object, previous)
              : new WatchEvent.Added(object));
    }
    return previous != null && before
        ? Optional.of(new WatchEvent.Deleted(Stored.at(previous, revision)))
        : Optional.empty();
  }
}
