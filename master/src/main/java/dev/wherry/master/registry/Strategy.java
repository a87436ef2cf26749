package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.OptionalLong;

/**
 * What is particular to a kind when its objects are created, changed and deleted. Pure and
 * stateless: every method gives an object made from its arguments.
 */
public interface Strategy {
  /** A kind with nothing particular. */
  Strategy PLAIN = new Strategy() {};

  default NameRule nameRule() {
    return NameRule.DNS_SUBDOMAIN;
  }

  /** The object with what the client left open filled in. Doing it twice changes nothing more. */
  default Obj defaults(Obj object) {
    return object;
  }

  /** The new object without what a client may not set, such as {@code status}. */
  default Obj beforeCreate(Obj object) {
    return object;
  }

  /** The changed object with what an update may not change taken from the existing one. */
  default Obj beforeUpdate(Obj updated, Obj existing) {
    return updated;
  }

  /** The existing object with what an update of {@code status} may change. */
  default Obj beforeStatusUpdate(Obj updated, Obj existing) {
    return updated.has("status")
        ? existing.with("status", updated.obj("status"))
        : existing.without("status");
  }

  /** Checks the object itself, on create and on update. */
  default void check(Obj object, Causes causes) {}

  /** Checks what is asked of a new object alone. */
  default void checkNew(Obj object, Causes causes) {}

  /**
   * What to tell the client of a write that is accepted, such as that a field has no effect.
   *
   * @param updated the object; a new one as the client sent it and admission left it
   * @param existing the object before; empty when it is new
   */
  default List<String> warnings(Obj updated, Obj existing) {
    return List.of();
  }

  /** Checks the change. */
  default void checkUpdate(Obj updated, Obj existing, Causes causes) {}

  /** Checks an update of {@code status}, which no other check looks at. */
  default void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {}

  /** Checks the change that came through this subresource; empty for the object itself. */
  default void checkPartUpdate(String subresource, Obj updated, Obj existing, Causes causes) {
    checkUpdate(updated, existing, causes);
  }

  /** Whether objects of this kind count changes in {@code metadata.generation}. */
  default boolean hasGeneration() {
    return false;
  }

  /** Whether this change counts. */
  default boolean changesGeneration(Obj updated, Obj existing) {
    return !updated.obj("spec").equals(existing.obj("spec"));
  }

  /** Whether an update of an absent object creates it. */
  default boolean createsOnUpdate() {
    return false;
  }

  /** Whether an update may come without a resourceVersion. */
  default boolean allowsUnconditionalUpdate() {
    return true;
  }

  /**
   * The seconds for which a deleted object lingers.
   *
   * @param asked what the request says; empty leaves it to the object
   */
  default long gracePeriodSeconds(Obj object, OptionalLong asked) {
    return 0;
  }

  /** The object as its deletion begins, such as a namespace whose phase becomes Terminating. */
  default Obj beforeTermination(Obj object) {
    return object;
  }

  /** Whether something besides {@code metadata.finalizers} still holds a terminating object. */
  default boolean isHeld(Obj object) {
    return false;
  }
}
