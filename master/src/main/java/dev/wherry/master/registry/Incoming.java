package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.schema.TypeCheck;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client sent, on its way in: type and names compared with the request, unknown fields dealt
 * with as the client asked. Thread-safe.
 */
final class Incoming {
  private final ObjectSchema schema;

  Incoming(ObjectSchema schema) {
    this.schema = schema;
  }

  /** The object to go on with. */
  Obj accepted(GroupVersionKind type, Obj body, WriteOptions options) {
    checkType(type, body);
    List<String> complaints = new ArrayList<>();
    Obj known = schema.known(type, body, complaints::add);
    if (!complaints.isEmpty()) {
      complain(type, complaints, options);
    }
    return known;
  }

  private static void checkType(GroupVersionKind type, Obj object) {
    String apiVersion = object.string("apiVersion");
    String kind = object.string("kind");
    boolean sameVersion = apiVersion.isEmpty() || apiVersion.equals(type.apiVersion());
    boolean sameKind = kind.isEmpty() || kind.equals(type.kind());
    if (!sameVersion && sameKind) {
      throw StatusException.badRequest(
          "the API version in the data ("
              + apiVersion
              + ") does not match the expected API version ("
              + type.apiVersion()
              + ")");
    }
    if (!sameKind) {
      throw StatusException.badRequest(
          kind
              + " in version \""
              + GroupVersionKind.of(apiVersion, kind).version()
              + "\" cannot be handled as a "
              + type.kind());
    }
  }

  private static void complain(
      GroupVersionKind type, List<String> complaints, WriteOptions options) {
    switch (options.fieldValidation()) {
      case IGNORE -> {}
      case WARN -> complaints.forEach(Warnings::warn);
      case STRICT -> throw TypeCheck.strictFailure(type, complaints);
    }
  }

  /** Checks that the body's own name and namespace are those of the request. */
  static void checkNames(ResourceDefinition definition, ObjectKey key, Obj object) {
    Obj metadata = object.obj("metadata");
    String name = metadata.string("name");
    if (!name.isEmpty() && !key.name().isEmpty() && !name.equals(key.name())) {
      throw StatusException.badRequest(
          "the name of the object ("
              + name
              + ") does not match the name on the URL ("
              + key.name()
              + ")");
    }
    String namespace = metadata.string("namespace");
    if (definition.isNamespaced() && !namespace.isEmpty() && !namespace.equals(key.namespace())) {
      throw StatusException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }
}
