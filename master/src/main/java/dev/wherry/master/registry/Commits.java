package dev.wherry.master.registry;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.store.FencedException;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Outcome;
import dev.wherry.master.store.Precondition;
import dev.wherry.master.store.Revision;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Writes one object at a time to the store, if it is still as the writer saw it. Thread-safe. */
final class Commits {
  private final KvStore store;
  private final ObjectCache cache;

  Commits(KvStore store, ObjectCache cache) {
    this.store = store;
    this.cache = cache;
  }

  /** The object as stored; empty when there is one of its key already. */
  Optional<Obj> create(ResourceDefinition definition, Obj object) {
    return put(definition, object, new Precondition.Absent());
  }

  /** The object as stored; empty when the existing one has changed: then the cache shows how. */
  Optional<Obj> replace(ResourceDefinition definition, Obj object, Obj existing) {
    Optional<Obj> written = put(definition, object, seen(existing));
    if (written.isEmpty()) {
      cache.awaitOther(definition.resource(), existing);
    }
    return written;
  }

  private Optional<Obj> put(ResourceDefinition definition, Obj object, Precondition condition) {
    Key key = Paths.key(definition.resource(), ObjectKey.of(object));
    byte[] bytes = Stored.bytes(object);
    cache.expect(key, bytes, object);
    boolean written = false;
    try {
      Optional<Revision> at = commit(new Operation.Put(key, bytes, condition));
      written = at.isPresent();
      return at.map(revision -> Stored.at(object, revision.number()));
    } finally {
      if (!written) {
        cache.unexpect(key, bytes);
      }
    }
  }

  /** The last state with the revision of the removal; empty when the existing one has changed. */
  Optional<Obj> remove(ResourceDefinition definition, Obj existing) {
    Key key = Paths.key(definition.resource(), ObjectKey.of(existing));
    Optional<Obj> removed =
        commit(new Operation.Delete(key, seen(existing)))
            .map(revision -> Stored.at(existing, revision.number()));
    if (removed.isEmpty()) {
      cache.awaitOther(definition.resource(), existing);
    }
    return removed;
  }

  private static Precondition seen(Obj existing) {
    return new Precondition.ModifiedAt(
        new Revision(Long.parseLong(existing.obj("metadata").string("resourceVersion"))));
  }

  private Optional<Revision> commit(Operation operation) {
    try {
      return switch (store.commit(List.of(operation)).join()) {
        case Outcome.Committed committed -> {
          cache.acknowledge(committed.last().number());
          yield Optional.of(committed.last());
        }
        case Outcome.Conflict _ -> Optional.empty();
      };
    } catch (CompletionException e) {
      if (e.getCause() instanceof FencedException fenced) {
        throw unavailable(fenced);
      }
      throw e;
    } catch (FencedException e) {
      throw unavailable(e);
    }
  }

  private static StatusException unavailable(FencedException cause) {
    StatusException unavailable =
        StatusException.of(
            Reason.SERVICE_UNAVAILABLE, "the store takes no writes: " + cause.getMessage());
    unavailable.addSuppressed(cause);
    return unavailable;
  }
}
