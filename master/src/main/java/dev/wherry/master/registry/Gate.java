package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;

/**
 * What a write has to pass before it is checked and stored: the registry declares it, admission
 * fills it. A write that is tried again after a conflict passes again.
 */
@FunctionalInterface
public interface Gate {
  /** Lets everything through. */
  Gate OPEN = Change::object;

  /**
   * The object to write, maybe changed; of a deletion the result is ignored.
   *
   * @throws dev.wherry.api.status.StatusException when the change is refused
   */
  Obj admit(Change change);
}
