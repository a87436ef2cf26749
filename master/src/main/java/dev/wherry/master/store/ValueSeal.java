package dev.wherry.master.store;

/** Hides values on their way to the disk. Thread-safe. */
public interface ValueSeal {
  /** The value as it is to be stored under this key. */
  byte[] seal(Key key, byte[] value);

  /**
   * The value again; one that was stored unsealed is given back as it is.
   *
   * @throws IllegalStateException when it was sealed by a key that is not there, or is damaged
   */
  byte[] open(Key key, byte[] stored);
}
