package dev.wherry.master.store;

/**
 * A key's value at a revision. The array is not to be changed by anyone.
 *
 * @param created the revision that put the key after it was last absent
 * @param modified the revision that put this value
 */
public record Entry(Key key, byte[] value, Revision created, Revision modified) {}
