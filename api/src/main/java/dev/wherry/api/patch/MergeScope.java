package dev.wherry.api.patch;

import dev.wherry.api.schema.FieldSchema;
import dev.wherry.api.schema.Form;
import dev.wherry.api.schema.Shape;
import dev.wherry.api.schema.TypeSchema;

/** What a strategic merge patch knows about the members of one object. */
interface MergeScope {
  /** An object about which nothing is known. */
  MergeScope UNKNOWN = _ -> Member.UNKNOWN;

  Member member(String key);

  /** The members of a typed object. */
  static MergeScope of(TypeSchema type) {
    if (type.form() != Form.OBJECT) {
      return UNKNOWN;
    }
    return key -> {
      FieldSchema field = type.fieldOrNull(key);
      return field == null ? Member.UNKNOWN : Member.of(field);
    };
  }

  /** The members of a map: all of one type. */
  static MergeScope ofMap(FieldSchema map) {
    if (!map.isMessage()) {
      return UNKNOWN;
    }
    Member member = new Member(false, false, "", true, of(map.type()));
    return _ -> member;
  }

  /**
   * How one member merges.
   *
   * @param merges whether a list merges
   * @param replaces whether an object is replaced
   * @param mergeKey what tells the objects of a merged list apart; empty for lists of scalars
   * @param isObjects whether the values are objects
   * @param scope what is known about the value's members, or about those of a list's items
   */
  record Member(
      boolean merges, boolean replaces, String mergeKey, boolean isObjects, MergeScope scope) {
    static final Member UNKNOWN = new Member(false, false, "", false, MergeScope.UNKNOWN);

    static Member of(FieldSchema field) {
      MergeScope scope =
          field.shape() == Shape.MAP
              ? ofMap(field)
              : field.isMessage() ? MergeScope.of(field.type()) : MergeScope.UNKNOWN;
      return new Member(
          field.mergesOnPatch(),
          field.replacesOnPatch(),
          field.patchMergeKey(),
          field.isMessage(),
          scope);
    }
  }
}
