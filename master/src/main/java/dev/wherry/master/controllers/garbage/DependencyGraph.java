package dev.wherry.master.controllers.garbage;

import dev.wherry.api.object.OwnerReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who depends on whom, by uid. Only objects with owners take room; an object without any costs
 * nothing. Thread-safe.
 */
final class DependencyGraph {
  private final ReentrantLock lock = new ReentrantLock();
  private final Map<String, Map<ObjectRef, Boolean>> dependents = new HashMap<>();
  private final Map<String, List<String>> ownersOf = new HashMap<>();

  /** The object has these owners now. */
  void put(ObjectRef object, List<OwnerReference> owners) {
    lock.lock();
    try {
      cut(object);
      if (owners.isEmpty()) {
        return;
      }
      List<String> uids = new ArrayList<>(owners.size());
      for (OwnerReference owner : owners) {
        uids.add(owner.uid());
        dependents
            .computeIfAbsent(owner.uid(), _ -> new LinkedHashMap<>(4))
            .put(object, owner.blockOwnerDeletion());
      }
      ownersOf.put(object.uid(), uids);
    } finally {
      lock.unlock();
    }
  }

  /** The object is gone; its dependents stay on record as what is to be looked at. */
  void remove(ObjectRef object) {
    lock.lock();
    try {
      cut(object);
    } finally {
      lock.unlock();
    }
  }

  private void cut(ObjectRef object) {
    List<String> owners = ownersOf.remove(object.uid());
    if (owners == null) {
      return;
    }
    for (String owner : owners) {
      dependents.computeIfPresent(
          owner,
          (_, held) -> {
            held.remove(object);
            return held.isEmpty() ? null : held;
          });
    }
  }

  List<ObjectRef> dependentsOf(String uid) {
    lock.lock();
    try {
      Map<ObjectRef, Boolean> found = dependents.get(uid);
      return found == null ? List.of() : List.copyOf(found.keySet());
    } finally {
      lock.unlock();
    }
  }

  /** Whether something holds back the foreground deletion of this owner. */
  boolean isBlocked(String uid) {
    lock.lock();
    try {
      Map<ObjectRef, Boolean> found = dependents.get(uid);
      return found != null && found.containsValue(true);
    } finally {
      lock.unlock();
    }
  }
}
