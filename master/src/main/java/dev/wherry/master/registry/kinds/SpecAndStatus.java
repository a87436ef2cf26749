package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Strategy;

/**
 * A kind whose {@code spec} clients write and whose {@code status} comes through its subresource
 * alone.
 */
interface SpecAndStatus extends Strategy {
  /** A kind with nothing else that is particular. */
  Strategy PLAIN = new SpecAndStatus() {};

  @Override
  default Obj beforeCreate(Obj object) {
    return object.without("status");
  }

  @Override
  default Obj beforeUpdate(Obj updated, Obj existing) {
    return Defaults.copied(updated, existing, "status");
  }

  @Override
  default boolean hasGeneration() {
    return true;
  }
}
