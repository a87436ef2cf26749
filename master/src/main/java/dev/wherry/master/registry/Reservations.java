package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The {@link Allocations} of the kinds that have them, one writer of such a kind at a time: claim,
 * write, settle. Thread-safe.
 */
final class Reservations {
  private final Map<GroupResource, Allocations> allocations;
  private final Map<GroupResource, ReentrantLock> locks = new HashMap<>();

  Reservations(Map<GroupResource, Allocations> allocations) {
    this.allocations = Map.copyOf(allocations);
    for (GroupResource resource : allocations.keySet()) {
      locks.put(resource, new ReentrantLock());
    }
  }

  /** Takes note of what the stored objects hold. */
  void restore(ObjectCache cache) {
    allocations.forEach(
        (resource, held) ->
            cache
                .snapshot(resource, "", "", ObjectCache.Freshness.CONSISTENT)
                .objects()
                .forEach(held::restore));
  }

  /** Runs a write of this kind, alone among its kind where the kind has allocations. */
  <T> T holding(ResourceDefinition definition, Supplier<T> write) {
    ReentrantLock lock = locks.get(definition.resource());
    if (lock == null) {
      return write.get();
    }
    lock.lock();
    try {
      return write.get();
    } finally {
      lock.unlock();
    }
  }

  /** Fills in what the object holds for itself alone, writes it, and keeps or frees it. */
  Optional<Obj> write(
      ResourceDefinition definition,
      Obj object,
      Obj existing,
      WriteOptions options,
      Function<Obj, Optional<Obj>> commit) {
    Allocations held = allocations.get(definition.resource());
    if (held == null) {
      return options.dryRun() ? Optional.of(object) : commit.apply(object);
    }
    Causes causes = new Causes();
    Allocations.Claim claim = held.claim(object, existing, causes);
    if (!causes.isEmpty()) {
      throw StatusException.invalid(
          definition.resource().group(),
          definition.kind(),
          object.obj("metadata").string("name"),
          causes.list());
    }
    boolean written = false;
    try {
      if (options.dryRun()) {
        return Optional.of(claim.object());
      }
      Optional<Obj> done = commit.apply(claim.object());
      written = done.isPresent();
      return done;
    } finally {
      if (written) {
        claim.settle();
      } else {
        claim.abandon();
      }
    }
  }

  /** The object is gone. */
  void release(ResourceDefinition definition, Obj object) {
    Allocations held = allocations.get(definition.resource());
    if (held != null) {
      held.release(object);
    }
  }
}
