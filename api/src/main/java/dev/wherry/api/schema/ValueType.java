package dev.wherry.api.schema;

/**
 * The type of one value of a field; {@link #MESSAGE} has a {@link TypeSchema}. The order is that of
 * the schema table's file.
 */
public enum ValueType {
  STRING("string"),
  BOOL("bool"),
  INT32("int32"),
  INT64("int64"),
  DOUBLE("float64"),
  /** Base64 in JSON. */
  BYTES("[]uint8"),
  MESSAGE("");

  private final String goName;

  ValueType(String goName) {
    this.goName = goName;
  }

  /** As Kubernetes' error messages call it; empty for {@link #MESSAGE}. */
  String goName() {
    return goName;
  }
}
