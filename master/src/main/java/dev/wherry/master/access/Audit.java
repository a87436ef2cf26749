package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;

/** Hears of every request that passed authorization. Must not block. Thread-safe. */
@FunctionalInterface
public interface Audit {
  /** Keeps no record. */
  Audit NONE = (_, _, _, _, _) -> {};

  void seen(
      Identity identity, String verb, GroupResource resource, String subresource, ObjectKey key);
}
