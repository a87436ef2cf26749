package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import java.util.List;

/**
 * Objects of one resource as they were at one revision, in the order of their keys.
 *
 * @param continueToken for the next page; empty when this is the last
 * @param remaining how many follow behind this page; 0 when unknown or none
 */
public record ObjectList(
    List<Obj> items, String resourceVersion, String continueToken, long remaining) {
  public ObjectList {
    items = List.copyOf(items);
  }
}
