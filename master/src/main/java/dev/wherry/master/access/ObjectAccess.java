package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;

/**
 * The one entrance to objects, on behalf of one identity: every verb passes authorization,
 * admission, the registry and audit. Objects come and go in the group's preferred version with
 * {@code apiVersion} and {@code kind} set.
 *
 * <p>Every method throws {@link dev.wherry.api.status.StatusException} with the reason that
 * Kubernetes gives. Calls block until a write is durable: call them from virtual threads.
 * Thread-safe.
 */
public interface ObjectAccess {
  /** The empty subresource: the object itself. */
  String ITSELF = "";

  Obj get(GroupResource resource, ObjectKey key, String subresource);

  /** Objects of the namespace, or of all where it is the empty string. */
  ObjectList list(GroupResource resource, String namespace, ListOptions options);

  /**
   * Creates an object, or acts on a subresource that is created ({@code binding}, {@code
   * eviction}), where {@code key} names the object.
   */
  Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options);

  /** Replaces the object, or its {@code status} or {@code scale}. */
  Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options);

  Obj patch(
      GroupResource resource, ObjectKey key, String subresource, Patch patch, WriteOptions options);

  /** The object as it was last (with {@code deletionTimestamp} where it lingers). */
  Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options);

  List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options);

  /**
   * Events after {@code options.resourceVersion()}; empty or {@code 0} begins with an Added for
   * each object there is. Objects that leave the selection come as Deleted, those that enter it as
   * Added.
   *
   * @throws dev.wherry.api.status.StatusException EXPIRED when the version is too old
   */
  ObjectWatch watch(
      GroupResource resource, String namespace, ListOptions options, ObjectWatch.Listener listener);

  /** Convenience for what most callers want. */
  default Obj get(GroupResource resource, ObjectKey key) {
    return get(resource, key, ITSELF);
  }

  default Obj create(GroupResource resource, Obj object) {
    return create(resource, ObjectKey.of(object), ITSELF, object, WriteOptions.DEFAULT);
  }

  default Obj update(GroupResource resource, Obj object) {
    return update(resource, ObjectKey.of(object), ITSELF, object, WriteOptions.DEFAULT);
  }

  default Obj updateStatus(GroupResource resource, Obj object) {
    return update(resource, ObjectKey.of(object), "status", object, WriteOptions.DEFAULT);
  }
}
