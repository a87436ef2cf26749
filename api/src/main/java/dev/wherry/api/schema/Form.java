package dev.wherry.api.schema;

/** What a type looks like in JSON. The order is that of the schema table's file. */
public enum Form {
  /** An object with the type's fields. */
  OBJECT,
  /** A {@code resource.Quantity}: a string or a number. */
  QUANTITY,
  /** A number or a string, such as a port. */
  INT_OR_STRING,
  /** RFC 3339 with whole seconds. */
  TIME,
  /** RFC 3339 with six digits of a second. */
  MICRO_TIME,
  /** A Go duration, such as {@code 1h30m}. */
  DURATION,
  /** Any JSON value; its bytes on the wire (RawExtension, FieldsV1, apiextensions' JSON). */
  RAW,
  /** A list of strings (ExtraValue, Verbs). */
  STRINGS,
  /** JSONSchemaPropsOrArray: a schema, or a list of them. */
  PROPS_OR_ARRAY,
  /** JSONSchemaPropsOrBool: a schema, or a boolean. */
  PROPS_OR_BOOL,
  /** JSONSchemaPropsOrStringArray: a schema, or a list of strings. */
  PROPS_OR_STRINGS
}
