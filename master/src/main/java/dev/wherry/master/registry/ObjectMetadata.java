package dev.wherry.master.registry;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the server itself does with {@code metadata}, whatever the kind. Pure. */
final class ObjectMetadata {
  private static final int MAX_ANNOTATION_BYTES = 256 * 1024;
  private static final List<String> SERVER_SET =
      List.of(
          "uid",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "generation",
          "resourceVersion",
          "selfLink",
          "managedFields");

  private ObjectMetadata() {}

  /** The new object with the members that the server sets. */
  static Obj created(
      ResourceDefinition definition, Obj object, ObjectKey key, String uid, Instant now) {
    Obj given = without(object.obj("metadata"), SERVER_SET);
    Obj.Builder metadata = Obj.builder().put("name", key.name());
    if (definition.isNamespaced()) {
      metadata.put("namespace", key.namespace());
    }
    metadata.put("uid", uid).put("creationTimestamp", Meta.Times.format(now));
    if (definition.strategy().hasGeneration()) {
      metadata.put("generation", 1L);
    }
    for (Obj.Entry entry : definition.isNamespaced() ? given : given.without("namespace")) {
      if (!entry.key().equals("name") && !entry.key().equals("namespace")) {
        metadata.put(entry.key(), entry.value());
      }
    }
    return typed(definition, object).with("metadata", metadata.build());
  }

  /** The changed object with the members that no client changes taken from the existing one. */
  static Obj updated(ResourceDefinition definition, Obj object, Obj existing) {
    Obj held = existing.obj("metadata");
    Obj metadata = without(object.obj("metadata"), SERVER_SET);
    Obj.Builder merged = Obj.builder();
    for (Obj.Entry entry : held) {
      boolean fixed =
          SERVER_SET.contains(entry.key())
              || List.of("name", "namespace", "generateName").contains(entry.key());
      if (fixed) {
        merged.put(entry.key(), entry.value());
      } else {
        metadata.get(entry.key()).ifPresent(value -> merged.put(entry.key(), value));
      }
    }
    for (Obj.Entry entry : metadata) {
      boolean named = List.of("name", "namespace", "generateName").contains(entry.key());
      if (!named && !held.has(entry.key())) {
        merged.put(entry.key(), entry.value());
      }
    }
    return typed(definition, object).with("metadata", merged.build());
  }

  /** With kind and apiVersion, which clients may leave out. */
  private static Obj typed(ResourceDefinition definition, Obj object) {
    if (object.string("kind").equals(definition.kind())
        && object.string("apiVersion").equals(definition.apiVersion())) {
      return object;
    }
    Obj.Builder typed =
        Obj.builder().put("kind", definition.kind()).put("apiVersion", definition.apiVersion());
    for (Obj.Entry entry : object.without("kind").without("apiVersion")) {
      typed.put(entry.key(), entry.value());
    }
    return typed.build();
  }

  private static Obj without(Obj metadata, List<String> keys) {
    Obj rest = metadata;
    for (String key : keys) {
      rest = rest.without(key);
    }
    return rest;
  }

  static void check(ResourceDefinition definition, Obj object, Causes causes) {
    Obj metadata = object.obj("metadata");
    String name = metadata.string("name");
    definition
        .strategy()
        .nameRule()
        .complaint(name)
        .ifPresent(complaint -> causes.invalid("metadata.name", name, complaint));
    Labels.check(metadata, "metadata.labels", causes);
    checkAnnotations(metadata.obj("annotations"), causes);
    checkOwners(metadata, causes);
    for (String finalizer : metadata.strings("finalizers")) {
      Labels.checkQualifiedName(finalizer, "metadata.finalizers", causes);
    }
  }

  private static void checkAnnotations(Obj annotations, Causes causes) {
    long bytes = 0;
    for (Obj.Entry annotation : annotations) {
      Labels.checkQualifiedName(
          annotation.key().toLowerCase(Locale.ROOT), "metadata.annotations", causes);
      bytes += annotation.key().length();
      if (annotation.value() instanceof String text) {
        bytes += text.getBytes(StandardCharsets.UTF_8).length;
      }
    }
    if (bytes > MAX_ANNOTATION_BYTES) {
      causes.add(
          new Cause(
              "FieldValueTooLong",
              "metadata.annotations",
              "Too long: may not be more than " + MAX_ANNOTATION_BYTES + " bytes"));
    }
  }

  private static void checkOwners(Obj metadata, Causes causes) {
    List<Obj> owners = metadata.objs("ownerReferences");
    int controllers = 0;
    for (int i = 0; i < owners.size(); i++) {
      Obj owner = owners.get(i);
      String path = "metadata.ownerReferences[" + i + "]";
      for (Map.Entry<String, String> needed :
          Map.of("apiVersion", "version", "kind", "kind", "name", "name", "uid", "uid")
              .entrySet()) {
        if (owner.string(needed.getKey()).isEmpty()) {
          causes.invalid(
              path + "." + needed.getKey(), "", needed.getValue() + " must not be empty");
        }
      }
      controllers += owner.flag("controller") ? 1 : 0;
    }
    if (controllers > 1) {
      causes.invalid(
          "metadata.ownerReferences",
          metadata.list("ownerReferences"),
          "Only one reference can have Controller set to true.");
    }
  }
}
