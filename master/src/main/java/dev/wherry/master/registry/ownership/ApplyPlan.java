package dev.wherry.master.registry.ownership;

import dev.wherry.api.object.Meta;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * What a server-side apply makes of an object (Kubernetes: Server-Side Apply): the applied fields
 * are set, fields that the same manager applied before and no longer does go unless somebody else
 * has set them, and fields that somebody else has set otherwise are conflicts unless forced. Pure.
 *
 * @param object the outcome, without its managed fields; as it was where there are conflicts
 * @param managedFields who has set what afterwards, before defaults are filled in
 * @param conflicts one for each field; empty when the apply may go on
 */
public record ApplyPlan(Obj object, ManagedFields managedFields, List<Cause> conflicts) {

  /** Whose apply it is, to what part of the object, and how it is meant. */
  public record Applier(String manager, String subresource, Ownership ownership) {
    /** What becomes of fields that others have set otherwise. */
    public enum Ownership {
      RESPECTED,
      /** {@code force=true}: they are taken over. */
      FORCED
    }
  }

  public ApplyPlan withObject(Obj other) {
    return new ApplyPlan(other, managedFields, conflicts);
  }

  public static ApplyPlan of(
      TypeSchema type, Obj existing, Obj config, Applier applier, Instant now) {
    Obj applied = ManagedFields.ownable(config);
    Obj live = ManagedFields.ownable(existing);
    FieldSet fields = FieldWalk.fields(type, applied);
    FieldSet changes = FieldWalk.changes(type, live, applied);
    List<ManagedFields.Entry> before = entries(type, existing, live, now);
    List<Cause> conflicts = new ArrayList<>();
    List<ManagedFields.Entry> after = new ArrayList<>();
    FieldSet previous = FieldSet.EMPTY;
    FieldSet others = FieldSet.EMPTY;
    ManagedFields.Entry own =
        new ManagedFields.Entry(
            applier.manager(),
            ManagedFields.APPLY,
            config.string("apiVersion"),
            Meta.Times.format(now),
            applier.subresource(),
            fields);
    boolean first = true;
    for (ManagedFields.Entry entry : before) {
      if (entry.isOf(applier.manager(), ManagedFields.APPLY, applier.subresource())) {
        previous = entry.fields();
        after.add(previous.equals(fields) ? entry : own);
        first = false;
        continue;
      }
      FieldSet disputed = entry.fields().intersection(changes);
      if (applier.ownership() == Applier.Ownership.RESPECTED) {
        disputed.paths().forEach(path -> conflicts.add(conflict(entry, path)));
      }
      ManagedFields.Entry left = entry.withFields(entry.fields().minus(disputed));
      others = others.union(left.fields());
      after.add(left);
    }
    if (first) {
      after.add(own);
    }
    if (!conflicts.isEmpty()) {
      return new ApplyPlan(existing, ManagedFields.of(existing), conflicts);
    }
    Obj merged = FieldWalk.merged(type, existing, applied);
    Obj pruned = FieldWalk.without(type, merged, previous.minus(fields), others.union(fields));
    return new ApplyPlan(pruned, new ManagedFields(after), List.of());
  }

  private static List<ManagedFields.Entry> entries(
      TypeSchema type, Obj existing, Obj live, Instant now) {
    List<ManagedFields.Entry> entries = ManagedFields.of(existing).entries();
    if (!entries.isEmpty() || live.isEmpty()) {
      return entries;
    }
    return List.of(
        new ManagedFields.Entry(
            ManagedFields.BEFORE_FIRST_APPLY,
            ManagedFields.UPDATE,
            existing.string("apiVersion"),
            Meta.Times.format(now),
            "",
            FieldWalk.made(type, live)));
  }

  private static Cause conflict(ManagedFields.Entry entry, String path) {
    String part =
        entry.subresource().isEmpty() ? "" : " with subresource \"" + entry.subresource() + "\"";
    String using =
        entry.operation().equals(ManagedFields.UPDATE) ? " using " + entry.apiVersion() : "";
    return new Cause(
        "FieldManagerConflict", path, "conflict with \"" + entry.manager() + "\"" + part + using);
  }
}
