package dev.wherry.master.registry.ownership;

import dev.wherry.api.object.Meta;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * The entries of {@code metadata.managedFields}: at the most {@value #MAX_UPDATERS} of managers
 * that update, the oldest of more as one of {@value #ANCIENT}.
 *
 * <p>An object that a client makes has them from the start. One that a controller makes, such as
 * the pods of a deployment, has none until it is applied on the server's side for the first time:
 * most never are, and their memory and writes are saved. At that first time all that it has counts
 * as set by {@value #BEFORE_FIRST_APPLY}, as Kubernetes does with objects from before it kept the
 * entries. Immutable.
 */
public record ManagedFields(List<Entry> entries) {
  static final String ANCIENT = "ancient-changes";
  private static final int MAX_UPDATERS = 10;

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

  /** As Kubernetes lists them: appliers first, each sort by age. */
  private static final Comparator<Entry> ORDER =
      Comparator.comparing(Entry::operation)
          .thenComparing(Entry::time)
          .thenComparing(Entry::manager)
          .thenComparing(Entry::apiVersion)
          .thenComparing(Entry::subresource);

  public ManagedFields {
    // Most objects have one: nothing is to be sorted.
    entries =
        entries.size() == 1 && !entries.getFirst().fields().isEmpty()
            ? List.copyOf(entries)
            : entries.stream().filter(each -> !each.fields().isEmpty()).sorted(ORDER).toList();
  }

  /** What a new object has whose every field this manager has set. */
  public static ManagedFields created(TypeSchema type, Obj object, String manager, Instant now) {
    return new ManagedFields(
        List.of(
            new Entry(
                manager,
                UPDATE,
                object.string("apiVersion"),
                Meta.Times.format(now),
                "",
                FieldWalk.made(type, ownable(object)))));
  }

  /**
   * What an update starts from. Clients may set the entries, as kubectl does where it migrates to
   * server-side apply, and take them off with one empty entry; who sends none, or what are none,
   * means those that there are.
   */
  public static ManagedFields wanted(Obj wanted, Obj existing) {
    List<Obj> sent = wanted.obj("metadata").objs("managedFields");
    if (sent.equals(List.of(Obj.EMPTY))) {
      return new ManagedFields(List.of());
    }
    return sent.isEmpty() || !sent.stream().allMatch(ManagedFields::isEntry)
        ? of(existing)
        : of(wanted);
  }

  private static boolean isEntry(Obj entry) {
    return List.of(APPLY, UPDATE).contains(entry.string("operation"))
        && !entry.string("apiVersion").isEmpty()
        && entry.string("fieldsType").equals("FieldsV1");
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
    FieldSet lost = set.union(FieldWalk.gone(type, was, is));
    if (lost.isEmpty()) {
      return this;
    }
    FieldSet own = set;
    List<Entry> next = new ArrayList<>();
    for (Entry entry : entries) {
      Entry left = entry.withFields(entry.fields().minus(lost));
      if (!set.isEmpty() && entry.isOf(manager, UPDATE, subresource)) {
        own = own.union(left.fields());
      } else {
        next.add(left);
      }
    }
    if (!own.isEmpty()) {
      String time = Meta.Times.format(now);
      next.add(new Entry(manager, UPDATE, after.string("apiVersion"), time, subresource, own));
    }
    return new ManagedFields(bounded(next));
  }

  /** The entries with the oldest of too many updaters together. */
  private static List<Entry> bounded(List<Entry> entries) {
    List<Entry> updaters =
        entries.stream().filter(entry -> entry.operation().equals(UPDATE)).sorted(ORDER).toList();
    if (updaters.size() <= MAX_UPDATERS) {
      return entries;
    }
    // The one that takes them in counts, too.
    List<Entry> oldest = updaters.subList(0, updaters.size() - MAX_UPDATERS + 1);
    FieldSet fields = FieldSet.EMPTY;
    for (Entry entry : oldest) {
      fields = fields.union(entry.fields());
    }
    Entry last = oldest.getLast();
    List<Entry> next = new ArrayList<>(entries);
    next.removeAll(oldest);
    next.add(new Entry(ANCIENT, UPDATE, last.apiVersion(), last.time(), "", fields));
    return next;
  }
}
