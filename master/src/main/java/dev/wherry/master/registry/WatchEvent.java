package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;

/**
 * One event of a watch of objects. {@code previous} of a modification is the object before, for who
 * needs the difference.
 */
public sealed interface WatchEvent {
  Obj object();

  record Added(Obj object) implements WatchEvent {}

  record Modified(Obj object, Obj previous) implements WatchEvent {}

  /**
   * The last state, with the resourceVersion of the deletion (or of the change that made it leave
   * the selection).
   */
  record Deleted(Obj object) implements WatchEvent {}

  /** Only {@code metadata.resourceVersion} counts: everything up to it has been told. */
  record Bookmark(Obj object) implements WatchEvent {}
}
