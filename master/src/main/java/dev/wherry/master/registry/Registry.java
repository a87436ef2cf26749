package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Subresource.Behaviour;
import dev.wherry.master.store.KvStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The one implementation of every verb for every kind, over the store. It knows no identities: the
 * {@code access} package stands before it and gives the {@link Gate} that writes pass.
 *
 * <p>Thread-safe; writes block until they are durable.
 */
public final class Registry implements AutoCloseable {
  /**
   * The store's keys of the nodes' heartbeats, which need not outlive the process: a prefix for the
   * store's volatile keys.
   */
  public static final String HEARTBEATS = Paths.prefix(GroupResource.LEASES) + "kube-node-lease/";

  /** The store's keys of Secrets: a prefix. */
  public static final String SECRETS = Paths.prefix(GroupResource.SECRETS);

  private final Definitions definitions;
  private final Incoming incoming;
  private final ObjectCache cache;
  private final ObjectReader reader;
  private final ObjectWriter writer;
  private final ObjectApplier applier;
  private final Evictions evictions;
  private final InstantSource clock;
  private final Map<GroupResource, VirtualResource> virtual = new HashMap<>();

  /**
   * Loads what is stored.
   *
   * @param allocations of the kinds that have them
   */
  public Registry(
      KvStore store,
      Definitions definitions,
      ObjectSchema schema,
      Map<GroupResource, Allocations> allocations,
      InstantSource clock) {
    this(store, definitions, List.of(), schema, allocations, clock);
  }

  /** With resources whose objects are not stored. */
  public Registry(
      KvStore store,
      Definitions stored,
      List<VirtualResource> virtual,
      ObjectSchema schema,
      Map<GroupResource, Allocations> allocations,
      InstantSource clock) {
    virtual.forEach(each -> this.virtual.put(each.definition().resource(), each));
    List<ResourceDefinition> all = new ArrayList<>(stored.all());
    virtual.forEach(each -> all.add(each.definition()));
    this.definitions = new Definitions(all, stored.conversions());
    this.clock = clock;
    this.incoming = new Incoming(schema);
    this.cache = new ObjectCache(store, stored);
    this.reader = new ObjectReader(store, cache);
    Reservations reservations = new Reservations(allocations);
    reservations.restore(cache);
    this.writer = new ObjectWriter(cache, new Commits(store, cache), schema, reservations, clock);
    this.applier = new ObjectApplier(writer, cache, schema, clock);
    this.evictions = new Evictions(reader, cache, writer, definitions, clock);
  }

  public Definitions definitions() {
    return definitions;
  }

  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    ResourceDefinition definition = definitions.get(resource);
    VirtualResource made = virtual.get(resource);
    if (made != null) {
      return made.find(key, this::find)
          .orElseThrow(() -> StatusException.notFound(resource, key.name()));
    }
    Obj object =
        cache.get(resource, key).orElseThrow(() -> StatusException.notFound(resource, key.name()));
    if (subresource.isEmpty()) {
      return object;
    }
    if (behaviour(definition, subresource) instanceof Behaviour.Part part) {
      return part.view().apply(object);
    }
    throw notAllowed();
  }

  /** The object, if there is one. */
  public Optional<Obj> find(GroupResource resource, ObjectKey key) {
    return cache.get(resource, key);
  }

  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    ResourceDefinition definition = definitions.get(resource);
    VirtualResource made = virtual.get(resource);
    if (made != null) {
      Selection selection = Selection.of(definition, namespace, options);
      return new ObjectList(
          made.list(namespace, this::find).stream().filter(selection::matches).toList(), "", "", 0);
    }
    return reader.list(definition, namespace, options);
  }

  /** See {@code ObjectAccess.watch}. */
  public ObjectWatch watch(
      GroupResource resource,
      String namespace,
      ListOptions options,
      ObjectWatch.Listener listener) {
    ResourceDefinition definition = definitions.get(resource);
    if (virtual.containsKey(resource)) {
      throw notAllowed();
    }
    Selection selection = Selection.of(definition, namespace, options);
    String version = options.resourceVersion();
    if (version.isEmpty() || version.equals("0")) {
      return cache.watchFromNow(definition, selection, listener);
    }
    return cache.watchAfter(definition, selection, ObjectReader.version(version), listener);
  }

  public Obj create(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Obj object,
      WriteOptions options,
      Gate gate) {
    ResourceDefinition definition = definitions.get(resource);
    if (subresource.isEmpty()) {
      return writer.create(definition, key, object, options, gate);
    }
    Behaviour behaviour = behaviour(definition, subresource);
    definition
        .subresource(subresource)
        .map(Subresource::kind)
        .ifPresent(type -> Incoming.checkAction(definition, key, type.kind(), object));
    return switch (behaviour) {
      case Behaviour.Action action -> {
        UnaryOperator<Obj> change =
            existing -> action.deed().apply(object, existing, clock.instant());
        writer.act(definition, key, subresource, change, options, gate);
        yield success();
      }
      case Behaviour.Removal removal -> {
        DeleteOptions said = removal.options().apply(object);
        DeleteOptions how = options.dryRun() ? said.asDryRun() : said;
        evictions.take(key, how);
        writer.delete(definition, key, how, gate);
        yield success();
      }
      case Behaviour.Part _, Behaviour.Stream _, Behaviour.Answered _ -> throw notAllowed();
    };
  }

  public Obj update(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Obj object,
      WriteOptions options,
      Gate gate) {
    return writer.update(definitions.get(resource), key, subresource, object, options, gate);
  }

  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options,
      Gate gate) {
    ResourceDefinition definition = definitions.get(resource);
    if (patch.kind() == Patch.Kind.APPLY) {
      return applier.apply(definition, key, subresource, patch, options, gate);
    }
    var type =
        definition
            .subresource(subresource)
            .map(Subresource::kind)
            .orElse(definition.groupVersionKind());
    return writer.modify(
        definition,
        key,
        subresource,
        (view, _) -> ObjectWriter.Edited.of(incoming.patched(type, view, patch, options)),
        options.accepted(),
        gate);
  }

  public Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options, Gate gate) {
    return writer.delete(definitions.get(resource), key, options, gate);
  }

  /**
   * Deletes what the selection gives, one after the other; what others deleted meanwhile is left
   * out.
   */
  public List<Obj> deleteCollection(
      GroupResource resource,
      String namespace,
      ListOptions selection,
      DeleteOptions options,
      Gate gate) {
    ResourceDefinition definition = definitions.get(resource);
    List<Obj> deleted = new ArrayList<>();
    for (Obj object : reader.list(definition, namespace, selection).items()) {
      try {
        deleted.add(writer.delete(definition, ObjectKey.of(object), options, gate));
      } catch (StatusException e) {
        if (e.reason() != Reason.NOT_FOUND) {
          throw e;
        }
      }
    }
    return deleted;
  }

  private static Behaviour behaviour(ResourceDefinition definition, String subresource) {
    return definition
        .subresource(subresource)
        .map(Subresource::behaviour)
        .orElseThrow(
            () ->
                StatusException.of(
                    Reason.NOT_FOUND, "the server could not find the requested resource"));
  }

  private static StatusException notAllowed() {
    return StatusException.of(
        Reason.METHOD_NOT_ALLOWED,
        "the server does not allow this method on the requested resource");
  }

  private static Obj success() {
    return Obj.of(
        "kind",
        "Status",
        "apiVersion",
        "v1",
        "metadata",
        Obj.EMPTY,
        "status",
        "Success",
        "code",
        201);
  }

  /** Ends every watch; the store stays open. */
  @Override
  public void close() {
    cache.close();
  }
}
