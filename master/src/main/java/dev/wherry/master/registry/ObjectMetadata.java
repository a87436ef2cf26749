package dev.wherry.master.registry;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

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
    checkBase(definition.strategy().nameRule(), metadata.string("generateName"), causes);
    Labels.check(metadata, "metadata.labels", causes);
    checkAnnotations(metadata.obj("annotations"), causes);
    checkOwners(metadata, causes);
    List<String> finalizers = metadata.strings("finalizers");
    for (int i = 0; i < finalizers.size(); i++) {
      Labels.checkFinalizer(finalizers.get(i), "metadata.finalizers[" + i + "]", causes);
    }
    if (finalizers.contains("orphan") && finalizers.contains("foregroundDeletion")) {
      causes.invalid(
          "metadata.finalizers",
          finalizers,
          "finalizer orphan and foregroundDeletion cannot be both set");
    }
  }

  /** The base of a name may end in what stands before a generated suffix. */
  private static void checkBase(NameRule rule, String base, Causes causes) {
    if (base.isEmpty()) {
      return;
    }
    boolean open = base.length() > 1 && base.endsWith("-");
    rule.complaint(open ? base.substring(0, base.length() - 2) + "a" : base)
        .ifPresent(complaint -> causes.invalid("metadata.generateName", base, complaint));
  }

  /** What holds an object that is being deleted can only become less. */
  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    List<String> before = existing.obj("metadata").strings("finalizers");
    List<String> more = new ArrayList<>(updated.obj("metadata").strings("finalizers"));
    more.removeAll(before);
    if (existing.obj("metadata").has("deletionTimestamp") && !more.isEmpty()) {
      causes.forbidden(
          "metadata.finalizers",
          "no new finalizers can be added if the object is being deleted, found new finalizers"
              + " []string{\""
              + String.join("\", \"", more)
              + "\"}");
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
    String controller = "";
    for (int i = 0; i < owners.size(); i++) {
      Obj owner = owners.get(i);
      String path = "metadata.ownerReferences[" + i + "]";
      for (String needed : List.of("apiVersion", "kind", "name", "uid")) {
        if (owner.string(needed).isEmpty()) {
          String word = needed.equals("apiVersion") ? "version" : needed;
          causes.invalid(path + "." + needed, "", word + " must not be empty");
        }
      }
      if (owner.string("kind").equals("Event") && owner.string("apiVersion").equals("v1")) {
        causes.invalid(
            path, "/v1, Kind=Event", "/v1, Kind=Event is disallowed from being an owner");
      }
      if (owner.flag("controller")) {
        String named = owner.string("kind") + "/" + owner.string("name");
        if (controller.isEmpty()) {
          controller = named;
        } else {
          causes.invalid(
              "metadata.ownerReferences",
              metadata.list("ownerReferences"),
              "Only one reference can have Controller set to true. Found \"true\" in references for "
                  + controller
                  + " and "
                  + named);
        }
      }
    }
  }
}
