package dev.wherry.master.registry.ownership;

import dev.wherry.api.object.Meta;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of {@code metadata.managedFields}. An object has none until it is applied on the
 * server's side for the first time: most objects never are, and their memory and writes are saved.
 * At that first time all that it has counts as set by {@value #BEFORE_FIRST_APPLY}, as Kubernetes
 * does with objects from before it kept the entries. Immutable.
 */
public record ManagedFields(List<Entry> entries) {
  static final String BEFORE_FIRST_APPLY = "before-first-apply";
  static final String APPLY = "Apply";
  static final String UPDATE = "Update";

  /** Members of metadata that are nobody's. */
  private static final List<String> SERVERS =
      List.of(
          "name",
          "generateName",
          "namespace",
          "uid",
          "creationTimestamp",
          "deletionTimestamp",
          "deletionGracePeriodSeconds",
          "generation",
          "resourceVersion",
          "selfLink",
          "managedFields");

  /** Who has set which fields, by which operation. */
  record Entry(
      String manager,
      String operation,
      String apiVersion,
      String time,
      String subresource,
      FieldSet fields) {

    boolean isOf(String otherManager, String otherOperation, String otherSubresource) {
      return manager.equals(otherManager)
          && operation.equals(otherOperation)
          && subresource.equals(otherSubresource);
    }

    Entry withFields(FieldSet other) {
      return new Entry(manager, operation, apiVersion, time, subresource, other);
    }
  }

  public ManagedFields {
    entries = entries.stream().filter(entry -> !entry.fields().isEmpty()).toList();
  }

  /** What the object says. */
  public static ManagedFields of(Obj object) {
    List<Entry> entries = new ArrayList<>();
    for (Obj entry : object.obj("metadata").objs("managedFields")) {
      entries.add(
          new Entry(
              entry.string("manager"),
              entry.string("operation"),
              entry.string("apiVersion"),
              entry.string("time"),
              entry.string("subresource"),
              FieldSet.ofFieldsV1(entry.obj("fieldsV1"))));
    }
    return new ManagedFields(entries);
  }

  /** The object with these entries. */
  public Obj into(Obj object) {
    List<Obj> list = new ArrayList<>();
    for (Entry entry : entries) {
      list.add(
          Obj.builder()
              .put("manager", entry.manager())
              .put("operation", entry.operation())
              .put("apiVersion", entry.apiVersion())
              .put("time", entry.time())
              .put("fieldsType", "FieldsV1")
              .put("fieldsV1", entry.fields().toFieldsV1())
              .putUnlessEmpty("subresource", entry.subresource())
              .build());
    }
    return object.change(
        "metadata",
        metadata ->
            list.isEmpty()
                ? metadata.without("managedFields")
                : metadata.with("managedFields", list));
  }

  /** What of an object can be somebody's. */
  static Obj ownable(Obj object) {
    Obj metadata = object.obj("metadata");
    for (String key : SERVERS) {
      metadata = metadata.without(key);
    }
    Obj rest = object.without("kind").without("apiVersion");
    return metadata.isEmpty() ? rest.without("metadata") : rest.with("metadata", metadata);
  }

  /**
   * The entries after a change by other means than apply: what changed is now the writer's, what is
   * gone nobody's. Empty stays empty.
   */
  public ManagedFields afterUpdate(
      TypeSchema type, Obj before, Obj after, String manager, String subresource, Instant now) {
    if (entries.isEmpty()) {
      return this;
    }
    Obj was = ownable(before);
    Obj is = ownable(after);
    FieldSet set = FieldWalk.changes(type, was, is);
    FieldSet gone = FieldWalk.fields(type, was).minus(FieldWalk.fields(type, is));
    if (set.isEmpty() && gone.isEmpty()) {
      return this;
    }
    String name = manager.isEmpty() ? "unknown" : manager;
    FieldSet own = set;
    List<Entry> next = new ArrayList<>();
    for (Entry entry : entries) {
      FieldSet left = entry.fields().minus(set).minus(gone);
      if (entry.isOf(name, UPDATE, subresource)) {
        own = own.union(left);
      } else {
        next.add(entry.withFields(left));
      }
    }
    next.add(
        new Entry(
            name, UPDATE, after.string("apiVersion"), Meta.Times.format(now), subresource, own));
    return new ManagedFields(next);
  }
}
