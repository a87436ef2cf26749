package dev.wherry.master.http;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ConvertedAccess;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.http.RequestOptions.Write;
import dev.wherry.master.registry.Creations;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Subresource;
import dev.wherry.master.registry.WriteOptions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Every verb on objects but those that answer with a stream (Kubernetes API concepts, resource
 * URIs). Calls block until a write is durable. Thread-safe.
 */
final class ObjectRequests {
  private static final int OK = 200;
  private static final int CREATED = 201;

  /** A list of more objects than this is written as it is sent. */
  private static final int MANY = 100;

  private final Entrance entrance;
  private final InstantSource clock;
  private final EncodedObjects encoded = new EncodedObjects();

  ObjectRequests(Entrance entrance, InstantSource clock) {
    this.entrance = entrance;
    this.clock = clock;
  }

  Answer answer(ApiRequest request, Route.Objects route, ResourceDefinition definition) {
    boolean reads = List.of("GET", "HEAD").contains(request.method());
    boolean everywhere = definition.isNamespaced() && route.key().namespace().isEmpty();
    if (everywhere && !reads) {
      throw notAllowed(); // all namespaces together can be listed and watched, no more
    }
    ObjectAccess objects = objects(entrance, request, route);
    return switch (request.method()) {
      case "GET", "HEAD" -> read(objects, request, route, definition);
      case "POST" -> create(objects, request, route, definition);
      case "PUT" -> update(objects, request, route, definition);
      case "PATCH" -> patch(objects, request, route, definition);
      case "DELETE" -> delete(objects, request, route, definition);
      default -> throw notAllowed();
    };
  }

  /** The objects as the requester may see them, in the version of the path. */
  static ObjectAccess objects(Entrance entrance, ApiRequest request, Route.Objects route) {
    ObjectAccess stored = entrance.as(request.identity());
    return entrance
        .definitions()
        .conversion(route.resource(), route.version())
        .<ObjectAccess>map(conversion -> new ConvertedAccess(stored, conversion))
        .orElse(stored);
  }

  static StatusException notAllowed() {
    return StatusException.of(
        Reason.METHOD_NOT_ALLOWED,
        "the server does not allow this method on the requested resource");
  }

  private static GroupVersionKind kind(Route.Objects route, ResourceDefinition definition) {
    return route.subresource().isEmpty()
        ? definition.groupVersionKind()
        : subresource(route, definition).kind();
  }

  private static Subresource subresource(Route.Objects route, ResourceDefinition definition) {
    return definition.subresource(route.subresource()).orElseThrow(ApiService::notServed);
  }

  private Answer read(
      ObjectAccess objects,
      ApiRequest request,
      Route.Objects route,
      ResourceDefinition definition) {
    Rendering rendering = Rendering.of(request, kind(route, definition));
    Instant now = clock.instant();
    if (route.isCollection()) {
      allow(definition, "list");
      ObjectList list =
          objects.list(
              route.resource(), route.key().namespace(), RequestOptions.list(request.query()));
      Obj rendered = rendering.list(definition, list, now);
      return list.items().size() > MANY && rendering.encoding() == Representation.Encoding.JSON
          ? large(rendering, rendered)
          : rendered(OK, rendering, rendered);
    }
    allow(definition, route, "get");
    Obj object = objects.get(route.resource(), route.key(), route.subresource());
    return rendered(OK, rendering, rendering.object(definition, object, now));
  }

  /** Tables and metadata are made for each answer: of those nothing is there to be kept. */
  private Answer large(Rendering rendering, Obj list) {
    return rendering.representation() instanceof Representation.Plain
        ? Answer.large(OK, LongList.of(list, encoded))
        : Answer.large(OK, list);
  }

  private Answer create(
      ObjectAccess objects,
      ApiRequest request,
      Route.Objects route,
      ResourceDefinition definition) {
    if (route.isCollection() != route.subresource().isEmpty()) {
      throw notAllowed();
    }
    allow(definition, route, "create");
    Rendering rendering = Rendering.of(request, kind(route, definition));
    WriteOptions asked = RequestOptions.write(request, Write.CREATE);
    RequestBody.Decoded<Obj> decoded = body(request);
    Obj body = decoded.value();
    WriteOptions options = asked.withDuplicates(decoded.duplicates());
    ObjectKey key =
        route.isCollection()
            ? new ObjectKey(route.key().namespace(), body.obj("metadata").string("name"))
            : route.key();
    Obj created = objects.create(route.resource(), key, route.subresource(), body, options);
    return rendered(CREATED, rendering, rendering.object(definition, created, clock.instant()));
  }

  private static RequestBody.Decoded<Obj> body(ApiRequest request) {
    RequestBody.Decoded<Obj> body = RequestBody.object(request);
    if (body.value().isEmpty()) {
      throw StatusException.badRequest("the request has no body, an object was expected");
    }
    return body;
  }

  private Answer update(
      ObjectAccess objects,
      ApiRequest request,
      Route.Objects route,
      ResourceDefinition definition) {
    allowOne(definition, route, "update");
    Rendering rendering = Rendering.of(request, kind(route, definition));
    WriteOptions asked = RequestOptions.write(request, Write.UPDATE);
    RequestBody.Decoded<Obj> decoded = body(request);
    Obj body = decoded.value();
    WriteOptions options = asked.withDuplicates(decoded.duplicates());
    AtomicInteger code = new AtomicInteger(OK);
    Obj updated =
        Creations.toldTo(
            () -> code.set(CREATED),
            () ->
                objects.update(route.resource(), route.key(), route.subresource(), body, options));
    Obj object = rendering.object(definition, updated, clock.instant());
    return rendered(code.get(), rendering, object);
  }

  private Answer patch(
      ObjectAccess objects,
      ApiRequest request,
      Route.Objects route,
      ResourceDefinition definition) {
    allowOne(definition, route, "patch");
    Rendering rendering = Rendering.of(request, kind(route, definition));
    Patch.Kind kind = RequestBody.patchKind(request);
    WriteOptions asked =
        RequestOptions.write(request, kind == Patch.Kind.APPLY ? Write.APPLY : Write.PATCH);
    RequestBody.Decoded<Patch> decoded = RequestBody.patch(request, kind);
    Patch patch = decoded.value();
    WriteOptions options = asked.withDuplicates(decoded.duplicates());
    AtomicInteger code = new AtomicInteger(OK);
    Obj patched =
        Creations.toldTo(
            () -> code.set(CREATED),
            () ->
                objects.patch(route.resource(), route.key(), route.subresource(), patch, options));
    Obj object = rendering.object(definition, patched, clock.instant());
    return rendered(code.get(), rendering, object);
  }

  private Answer delete(
      ObjectAccess objects,
      ApiRequest request,
      Route.Objects route,
      ResourceDefinition definition) {
    if (!route.subresource().isEmpty()) {
      throw notAllowed();
    }
    Rendering rendering = Rendering.of(request, definition.groupVersionKind());
    DeleteOptions options = DeleteRequest.options(request);
    Instant now = clock.instant();
    if (route.isCollection()) {
      allow(definition, "deletecollection");
      List<Obj> deleted =
          objects.deleteCollection(
              route.resource(),
              route.key().namespace(),
              RequestOptions.list(request.query()),
              options);
      ObjectList list = new ObjectList(deleted, "", "", 0);
      return rendered(OK, rendering, rendering.list(definition, list, now));
    }
    allow(definition, "delete");
    Obj deleted = objects.delete(route.resource(), route.key(), options);
    // What lingers is told as the object; what is gone at once as a Status, but of some kinds.
    boolean shown =
        deleted.obj("metadata").has("deletionTimestamp")
            || definition.deletionAnswer() == ResourceDefinition.DeletionAnswer.OBJECT
            || !(rendering.representation() instanceof Representation.Plain);
    Obj answer = shown ? rendering.object(definition, deleted, now) : deletion(definition, deleted);
    return rendered(OK, rendering, answer);
  }

  private static Obj deletion(ResourceDefinition definition, Obj deleted) {
    Obj metadata = deleted.obj("metadata");
    return Obj.of(
        "kind",
        "Status",
        "apiVersion",
        "v1",
        "metadata",
        Obj.EMPTY,
        "status",
        "Success",
        "details",
        Obj.builder()
            .put("name", metadata.string("name"))
            .putUnlessEmpty("group", definition.resource().group())
            .put("kind", definition.resource().resource())
            .put("uid", metadata.string("uid"))
            .build());
  }

  private static void allowOne(ResourceDefinition definition, Route.Objects route, String verb) {
    if (route.isCollection()) {
      throw notAllowed();
    }
    allow(definition, route, verb);
  }

  private static void allow(ResourceDefinition definition, Route.Objects route, String verb) {
    if (route.subresource().isEmpty()) {
      allow(definition, verb);
    } else if (!subresource(route, definition).verbs().contains(verb)) {
      throw notAllowed();
    }
  }

  private static void allow(ResourceDefinition definition, String verb) {
    if (!definition.allows(verb)) {
      throw notAllowed();
    }
  }

  private static Answer rendered(int code, Rendering rendering, Obj object) {
    return new Answer(code, rendering.encoding().mediaType(), rendering.encode(object));
  }
}
