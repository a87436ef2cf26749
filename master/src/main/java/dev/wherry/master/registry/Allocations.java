package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;

/**
 * Values that objects of a kind hold for themselves alone, such as cluster IPs and node ports. The
 * registry declares it; a kind that hands out such values fills it.
 *
 * <p>The registry serializes the writes of such a kind: it claims, writes, and settles before the
 * next claim, so that no value is handed out twice. Calls come from one thread at a time.
 */
public interface Allocations {

  /** The object with its values filled in, and what was newly taken for it. */
  interface Claim {
    Obj object();

    /** The write did not happen: what was newly taken is free again. */
    void abandon();

    /** The write happened: what the object held before and holds no longer is free. */
    void settle();
  }

  /** Takes note of an object that is there already, at the start. */
  void restore(Obj object);

  /**
   * Claims what the object needs.
   *
   * @param existing {@link Obj#EMPTY} on a creation
   * @param causes told of values that are taken or outside the range; then nothing was taken
   */
  Claim claim(Obj object, Obj existing, Causes causes);

  /** The object is gone: all that it held is free. */
  void release(Obj object);
}
