package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Admission;
import dev.wherry.master.admission.Request;
import dev.wherry.master.admission.WriteUnderWay;
import dev.wherry.master.auth.AccountNames;
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
import java.util.Optional;

/** The registry behind authorization, admission and audit, for one identity. Thread-safe. */
final class AuthorizedAccess implements ObjectAccess {
  private static final String NAME_FIELD = "metadata.name=";

  private final Entrance entrance;
  private final Registry registry;
  private final Audit audit;
  private final Identity identity;
  private final Gate gate;
  private final Gate changing;

  AuthorizedAccess(
      Entrance entrance, Registry registry, Admission admission, Audit audit, Identity identity) {
    this.entrance = entrance;
    this.registry = registry;
    this.audit = audit;
    this.identity = identity;
    this.gate = change -> admission.admit(new Request(identity.name(), identity.groups(), change));
    // What comes as an update and turns out to make something needs the leave to make it.
    this.changing =
        change -> {
          if (change.verb() == Change.Verb.CREATE) {
            GroupResource resource = change.definition().resource();
            entrance.require(
                identity, "create", resource, ITSELF, collection(change.key().namespace()));
          }
          return gate.admit(change);
        };
  }

  private void pass(String verb, GroupResource resource, String subresource, ObjectKey key) {
    pass(verb, resource, subresource, key, key);
  }

  private void pass(
      String verb, GroupResource resource, String subresource, ObjectKey asked, ObjectKey key) {
    registry.definitions().get(resource);
    entrance.require(identity, verb, resource, subresource, asked);
    audit.seen(identity, verb, resource, subresource, key);
  }

  private static ObjectKey collection(String namespace) {
    return new ObjectKey(namespace, "");
  }

  /** Of a selection of one name, that one: rules may be about it alone. */
  private static ObjectKey one(String namespace, ListOptions options) {
    for (String term : options.fieldSelector().split(",", -1)) {
      if (term.startsWith(NAME_FIELD)) {
        return new ObjectKey(namespace, term.substring(NAME_FIELD.length()).replaceFirst("^=", ""));
      }
    }
    return collection(namespace);
  }

  /** A node sees its own pods alone. */
  private void requireNarrow(GroupResource resource, ListOptions options) {
    Optional<String> node = AccountNames.node(identity.name(), identity.groups());
    if (node.isEmpty() || !resource.equals(GroupResource.PODS)) {
      return;
    }
    String own = "spec.nodeName=" + node.get();
    if (!List.of(options.fieldSelector().split(",", -1)).contains(own)) {
      throw StatusException.forbidden(
          resource, "", "can only list/watch pods with spec.nodeName field selector");
    }
  }

  @Override
  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    pass("get", resource, subresource, key);
    return registry.get(resource, key, subresource);
  }

  @Override
  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    pass("list", resource, ITSELF, one(namespace, options));
    requireNarrow(resource, options);
    return registry.list(resource, namespace, options);
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    // An object that is to be made has no name yet, as far as rules are concerned.
    ObjectKey asked = subresource.isEmpty() ? collection(key.namespace()) : key;
    pass("create", resource, subresource, asked, key);
    Optional<Obj> answer = entrance.answer(identity, resource, key, subresource, object);
    if (answer.isPresent()) {
      return answer.get();
    }
    return WriteUnderWay.of(
        () -> registry.create(resource, key, subresource, object, options, gate));
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    pass("update", resource, subresource, key);
    return WriteUnderWay.of(
        () -> registry.update(resource, key, subresource, object, options, changing));
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    pass("patch", resource, subresource, key);
    return WriteUnderWay.of(
        () -> registry.patch(resource, key, subresource, patch, options, changing));
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
    pass("watch", resource, ITSELF, one(namespace, options));
    requireNarrow(resource, options);
    return registry.watch(resource, namespace, options, listener);
  }
}
