package dev.wherry.api.schema;

/** How a field holds its values. The order is that of the schema table's file. */
public enum Shape {
  SINGLE,
  LIST,
  /** An object with free keys. */
  MAP
}
