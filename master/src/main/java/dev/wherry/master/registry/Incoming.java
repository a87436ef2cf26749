package dev.wherry.master.registry;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.schema.TypeCheck;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * What a client sent, on its way in: type and names compared with the request, unknown fields dealt
 * with as the client asked. Thread-safe.
 */
public final class Incoming {
  private static final String HANDLED = " cannot be handled as a ";

  private final ObjectSchema schema;

  public Incoming(ObjectSchema schema) {
    this.schema = schema;
  }

  /**
   * The object to go on with.
   *
   * @throws StatusException BAD_REQUEST where it is no such object, or has fields that are not
   *     allowed
   */
  public Obj accepted(GroupVersionKind type, Obj body, WriteOptions options) {
    checkType(type, body);
    List<String> complaints = new ArrayList<>();
    Obj known = schema.known(type, body, complaints::add);
    FieldComplaints.raise(type, complaints, options);
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
      String version = apiVersion.isEmpty() ? type.apiVersion() : apiVersion;
      throw StatusException.badRequest(
          kind
              + " in version \""
              + GroupVersionKind.of(version, kind).version()
              + "\" cannot be handled as a "
              + type.kind());
    }
  }

  /**
   * What server-side apply is to set, which has to be all of the type.
   *
   * @throws StatusException BAD_REQUEST otherwise
   */
  Obj applied(GroupVersionKind type, ObjectKey key, Obj body, WriteOptions options) {
    checkType(type, body);
    List<String> complaints = new ArrayList<>();
    Obj known = schema.known(type, body, complaints::add);
    if (!complaints.isEmpty()) {
      throw untyped(
          type,
          key,
          complaints.stream()
              .map(each -> "." + each.split("\"", -1)[1] + ": field not declared in schema")
              .toList());
    }
    FieldComplaints.raise(type, complaints, options);
    return known;
  }

  /** The error for what cannot be applied. */
  static StatusException untyped(GroupVersionKind type, ObjectKey key, List<String> flaws) {
    return StatusException.badRequest(
        "failed to create typed patch object ("
            + key
            + "; "
            + type.apiVersion()
            + ", Kind="
            + type.kind()
            + "): "
            + (flaws.size() == 1 ? flaws.getFirst() : "errors:\n  " + String.join("\n  ", flaws)));
  }

  /**
   * What a patch makes of an object, to go on with.
   *
   * @throws StatusException INVALID where it is no such object any more, or has fields that are not
   *     allowed
   */
  public Obj patched(GroupVersionKind type, Obj object, Patch patch, WriteOptions options) {
    Obj patched = schema.patched(type, object, patch);
    List<String> complaints = new ArrayList<>();
    Obj known;
    try {
      known = schema.known(type, patched, complaints::add);
    } catch (StatusException e) {
      String message = String.valueOf(e.getMessage());
      String prefix = HANDLED + type.kind() + ": ";
      throw unfit(patch, patched, message.substring(message.indexOf(prefix) + prefix.length()));
    }
    List<String> all = FieldComplaints.all(complaints, options);
    if (options.fieldValidation() == WriteOptions.FieldValidation.STRICT && !all.isEmpty()) {
      throw unfit(patch, patched, TypeCheck.strictMessage(all));
    }
    FieldComplaints.warn(all, options);
    return known;
  }

  private static StatusException unfit(Patch patch, Obj patched, String why) {
    Object shown =
        patch.kind() == Patch.Kind.STRATEGIC ? GoText.of(patch.body()) : patched.toString();
    return StatusException.invalid("", "", "", List.of(Cause.invalid("patch", shown, why)));
  }

  /** Checks that what is to replace the object of this key is called as it is. */
  static void checkReplacement(ResourceDefinition definition, ObjectKey key, Obj object) {
    checkNames(definition, key, object);
    if (object.obj("metadata").string("name").isEmpty()) {
      throw StatusException.badRequest(
          "the name of the object ("
              + key.name()
              + " based on URL) was undeterminable: name must be provided");
    }
  }

  /** Checks that an action on the object of this key, such as its eviction, names no other. */
  static void checkAction(ResourceDefinition definition, ObjectKey key, String kind, Obj action) {
    String name = action.obj("metadata").string("name");
    if (!name.isEmpty() && !name.equals(key.name())) {
      throw StatusException.badRequest("name in URL does not match name in " + kind + " object");
    }
    checkNamespace(definition, key, action);
  }

  /** Checks that the body's own name and namespace are those of the request. */
  static void checkNames(ResourceDefinition definition, ObjectKey key, Obj object) {
    String name = object.obj("metadata").string("name");
    if (!name.isEmpty() && !key.name().isEmpty() && !name.equals(key.name())) {
      throw StatusException.badRequest(
          "the name of the object ("
              + name
              + ") does not match the name on the URL ("
              + key.name()
              + ")");
    }
    checkNamespace(definition, key, object);
  }

  private static void checkNamespace(ResourceDefinition definition, ObjectKey key, Obj object) {
    String namespace = object.obj("metadata").string("namespace");
    if (definition.isNamespaced() && !namespace.isEmpty() && !namespace.equals(key.namespace())) {
      throw StatusException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }

  /** The version that the client's object is of; empty where it names none, or zero. */
  static String version(Obj object) {
    String version = object.obj("metadata").string("resourceVersion");
    return version.equals("0") ? "" : version;
  }
}
