package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Admission;
import dev.wherry.master.admission.Request;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Gate;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;

/** The registry behind authorization, admission and audit, for one identity. Thread-safe. */
final class AuthorizedAccess implements ObjectAccess {
  private final Entrance entrance;
  private final Registry registry;
  private final Audit audit;
  private final Identity identity;
  private final Gate gate;

  AuthorizedAccess(
      Entrance entrance, Registry registry, Admission admission, Audit audit, Identity identity) {
    this.entrance = entrance;
    this.registry = registry;
    this.audit = audit;
    this.identity = identity;
    this.gate = change -> admission.admit(new Request(identity.name(), identity.groups(), change));
  }

  private void pass(String verb, GroupResource resource, String subresource, ObjectKey key) {
    registry.definitions().get(resource);
    entrance.require(identity, verb, resource, subresource, key);
    audit.seen(identity, verb, resource, subresource, key);
  }

  private static ObjectKey collection(String namespace) {
    return new ObjectKey(namespace, "");
  }

  @Override
  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    pass("get", resource, subresource, key);
    return registry.get(resource, key, subresource);
  }

  @Override
  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    pass("list", resource, ITSELF, collection(namespace));
    return registry.list(resource, namespace, options);
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    pass("create", resource, subresource, key);
    return registry.create(resource, key, subresource, object, options, gate);
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    pass("update", resource, subresource, key);
    return registry.update(resource, key, subresource, object, options, gate);
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    pass("patch", resource, subresource, key);
    return registry.patch(resource, key, subresource, patch, options, gate);
  }

  @Override
  public Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    pass("delete", resource, ITSELF, key);
    return registry.delete(resource, key, options, gate);
  }

  @Override
  public List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options) {
    pass("deletecollection", resource, ITSELF, collection(namespace));
    return registry.deleteCollection(resource, namespace, selection, options, gate);
  }

  @Override
  public ObjectWatch watch(
      GroupResource resource,
      String namespace,
      ListOptions options,
      ObjectWatch.Listener listener) {
    pass("watch", resource, ITSELF, collection(namespace));
    return registry.watch(resource, namespace, options, listener);
  }
}
