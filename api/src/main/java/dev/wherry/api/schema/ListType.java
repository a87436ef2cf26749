package dev.wherry.api.schema;

/** How a list merges under server-side apply ({@code x-kubernetes-list-type}). */
public enum ListType {
  /** The field is no list, or says nothing. */
  UNSPECIFIED,
  ATOMIC,
  SET,
  /** Items are told apart by {@link FieldSchema#listMapKeys()}. */
  MAP
}
