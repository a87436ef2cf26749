package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Admission;
import dev.wherry.master.admission.Request;
import dev.wherry.master.admission.WriteUnderWay;
import dev.wherry.master.registry.Change;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Gate;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The registry behind authorization and admission, for one identity. Thread-safe. */
final class AuthorizedAccess implements ObjectAccess {
  private final Entrance entrance;
  private final Registry registry;
  private final Identity identity;
  private final Gate gate;
  private final Gate changing;

  AuthorizedAccess(Entrance entrance, Registry registry, Admission admission, Identity identity) {
    this.entrance = entrance;
    this.registry = registry;
    this.identity = identity;
    this.gate = change -> admission.admit(new Request(identity.user(), change));
    // What comes as an update and turns out to make something needs the leave to make it, by its
    // name.
    this.changing =
        change -> {
          if (change.verb() == Change.Verb.CREATE) {
            GroupResource resource = change.definition().resource();
            entrance.require(identity, "create", resource, ITSELF, change.key());
          }
          return gate.admit(change);
        };
  }

  private void pass(String verb, GroupResource resource, String subresource, ObjectKey key) {
    registry.definitions().get(resource);
    entrance.require(identity, verb, resource, subresource, key);
  }

  /** A selection of one name is about that one: rules may be about it alone. */
  private void passSelection(
      String verb, GroupResource resource, String namespace, ListOptions options) {
    registry.definitions().get(resource);
    Map<String, String> narrowed = EqualFields.of(options.fieldSelector());
    ObjectKey key = new ObjectKey(namespace, narrowed.getOrDefault("metadata.name", ""));
    entrance.require(identity, verb, resource, key, narrowed);
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
    passSelection("list", resource, namespace, options);
    return registry.list(resource, namespace, options);
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    // An object that is to be made has no name yet, as far as rules are concerned.
    ObjectKey asked = subresource.isEmpty() ? collection(key.namespace()) : key;
    pass("create", resource, subresource, asked);
    Optional<Obj> answer = entrance.answer(identity, resource, key, subresource, object);
    if (answer.isPresent()) {
      return answer.get();
    }
    WriteOptions managed = options.orBy(identity.fieldManager());
    if (resource.equals(GroupResource.BINDINGS)) {
      return WriteUnderWay.of(
          () -> registry.create(GroupResource.PODS, key, "binding", object, managed, gate));
    }
    return WriteUnderWay.of(
        () -> registry.create(resource, key, subresource, object, managed, gate));
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    pass("update", resource, subresource, key);
    WriteOptions managed = options.orBy(identity.fieldManager());
    return WriteUnderWay.of(
        () -> registry.update(resource, key, subresource, object, managed, changing));
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    pass("patch", resource, subresource, key);
    // An apply has to name its manager.
    WriteOptions managed =
        patch.kind() == Patch.Kind.APPLY ? options : options.orBy(identity.fieldManager());
    return WriteUnderWay.of(
        () -> registry.patch(resource, key, subresource, patch, managed, changing));
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
    passSelection("watch", resource, namespace, options);
    return registry.watch(resource, namespace, options, listener);
  }
}
