package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.audit.Asked;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.audit.Trail;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.registry.Definitions;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;

/**
 * Objects with a record of what is done to them. A request that came over HTTP has a {@link Trail}
 * already, which is told of objects; what the master's own parts do gets one here. Thread-safe.
 */
final class AuditedAccess implements ObjectAccess {
  private static final String OWN_AGENT = "wherry";
  private static final int OK = 200;
  private static final int CREATED = 201;

  private final ObjectAccess objects;
  private final Definitions definitions;
  private final Identity identity;
  private final Audit audit;
  private final InstantSource clock;

  AuditedAccess(
      ObjectAccess objects,
      Definitions definitions,
      Identity identity,
      Audit audit,
      InstantSource clock) {
    this.objects = objects;
    this.definitions = definitions;
    this.identity = identity;
    this.audit = audit;
    this.clock = clock;
  }

  private <T> T recorded(
      String verb, GroupResource resource, String subresource, ObjectKey key, Supplier<T> request) {
    if (Trail.isFollowed()) {
      return request.get();
    }
    Attributes attributes =
        new Attributes(identity.name(), identity.groups(), verb, resource, subresource, key);
    Trail trail = audit.begin(attributes, () -> asked(verb, resource, subresource, key));
    if (trail == Trail.SILENT) {
      return request.get();
    }
    return trail.follow(
        () -> {
          try {
            T result = request.get();
            trail.started(verb.equals("create") ? CREATED : OK);
            return result;
          } catch (StatusException e) {
            trail.refused(e);
            throw e;
          } catch (RuntimeException e) {
            trail.failed(
                StatusException.of(Reason.INTERNAL_ERROR, "Internal error occurred: " + e));
            throw e;
          } finally {
            trail.complete();
          }
        });
  }

  private Asked asked(String verb, GroupResource resource, String subresource, ObjectKey key) {
    String version =
        definitions.find(resource).map(each -> each.groupVersionKind().version()).orElse("");
    return new Asked(
        UUID.randomUUID().toString(),
        path(resource, version, subresource, key),
        identity.user(),
        verb,
        new Attributes.Target.Resource(resource, subresource, key),
        version,
        List.of(),
        OWN_AGENT,
        clock.instant());
  }

  /** The path by which a client would have asked. */
  private static String path(
      GroupResource resource, String version, String subresource, ObjectKey key) {
    StringBuilder path =
        new StringBuilder(resource.group().isEmpty() ? "/api/" : "/apis/" + resource.group() + "/")
            .append(version);
    if (!key.namespace().isEmpty()) {
      path.append("/namespaces/").append(key.namespace());
    }
    path.append('/').append(resource.resource());
    if (!key.name().isEmpty()) {
      path.append('/').append(key.name());
    }
    return subresource.isEmpty()
        ? path.toString()
        : path.append('/').append(subresource).toString();
  }

  private static Obj answered(Obj object) {
    Trail.current().answersWith(object);
    return object;
  }

  @Override
  public Obj get(GroupResource resource, ObjectKey key, String subresource) {
    return recorded(
        "get", resource, subresource, key, () -> answered(objects.get(resource, key, subresource)));
  }

  @Override
  public ObjectList list(GroupResource resource, String namespace, ListOptions options) {
    return recorded(
        "list",
        resource,
        ITSELF,
        new ObjectKey(namespace, ""),
        () -> objects.list(resource, namespace, options));
  }

  @Override
  public Obj create(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    ObjectKey asked = subresource.isEmpty() ? new ObjectKey(key.namespace(), "") : key;
    return recorded(
        "create",
        resource,
        subresource,
        asked,
        () -> {
          Trail.current().asksWith(object);
          return answered(objects.create(resource, key, subresource, object, options));
        });
  }

  @Override
  public Obj update(
      GroupResource resource, ObjectKey key, String subresource, Obj object, WriteOptions options) {
    return recorded(
        "update",
        resource,
        subresource,
        key,
        () -> {
          Trail.current().asksWith(object);
          return answered(objects.update(resource, key, subresource, object, options));
        });
  }

  @Override
  public Obj patch(
      GroupResource resource,
      ObjectKey key,
      String subresource,
      Patch patch,
      WriteOptions options) {
    return recorded(
        "patch",
        resource,
        subresource,
        key,
        () -> {
          Trail.current().asksWith(patch.body());
          return answered(objects.patch(resource, key, subresource, patch, options));
        });
  }

  @Override
  public Obj delete(GroupResource resource, ObjectKey key, DeleteOptions options) {
    return recorded(
        "delete", resource, ITSELF, key, () -> answered(objects.delete(resource, key, options)));
  }

  @Override
  public List<Obj> deleteCollection(
      GroupResource resource, String namespace, ListOptions selection, DeleteOptions options) {
    return recorded(
        "deletecollection",
        resource,
        ITSELF,
        new ObjectKey(namespace, ""),
        () -> objects.deleteCollection(resource, namespace, selection, options));
  }

  /**
   * Where no request is followed a watch is one of the master's own, which has no end to record.
   */
  @Override
  public ObjectWatch watch(
      GroupResource resource,
      String namespace,
      ListOptions options,
      ObjectWatch.Listener listener) {
    return objects.watch(resource, namespace, options, listener);
  }
}
