package dev.wherry.api.status;

import dev.wherry.api.tree.Json;

/**
 * One thing wrong with one field (metav1.StatusCause). The messages are worded as Kubernetes words
 * them.
 *
 * @param type the cause's reason, such as {@code FieldValueRequired}
 * @param field the path, such as {@code spec.containers[0].name}
 * @param message without the path, such as {@code Required value}
 */
public record Cause(String type, String field, String message) {

  public static Cause required(String field, String detail) {
    return new Cause(
        "FieldValueRequired", field, "Required value" + (detail.isEmpty() ? "" : ": " + detail));
  }

  public static Cause invalid(String field, Object value, String detail) {
    return new Cause(
        "FieldValueInvalid", field, "Invalid value: " + Json.text(value) + ": " + detail);
  }

  /** Something wrong about what lies together, for which no single value stands. */
  public static Cause invalid(String field, String detail) {
    return new Cause("FieldValueInvalid", field, "Invalid value: " + detail);
  }

  /** A text of more bytes than there may be. */
  public static Cause tooLong(String field, int mostBytes) {
    return new Cause(
        "FieldValueTooLong", field, "Too long: may not be more than " + mostBytes + " bytes");
  }

  /** A list of more items than there may be. */
  public static Cause tooMany(String field, int given, int most) {
    return new Cause(
        "FieldValueTooMany",
        field,
        "Too many: " + given + ": must have at most " + most + " items");
  }

  public static Cause duplicate(String field, Object value) {
    return new Cause("FieldValueDuplicate", field, "Duplicate value: " + Json.text(value));
  }

  public static Cause forbidden(String field, String detail) {
    return new Cause("FieldValueForbidden", field, "Forbidden: " + detail);
  }

  public static Cause notFound(String field, Object value) {
    return new Cause("FieldValueNotFound", field, "Not found: " + Json.text(value));
  }

  /** A value outside an enumeration. */
  public static Cause notSupported(String field, Object value, Iterable<String> supported) {
    StringBuilder list = new StringBuilder();
    for (String each : supported) {
      list.append(list.isEmpty() ? "" : ", ").append('"').append(each).append('"');
    }
    return new Cause(
        "FieldValueNotSupported",
        field,
        "Unsupported value: " + Json.text(value) + ": supported values: " + list);
  }

  /** Path and message in one line. */
  @Override
  public String toString() {
    return field + ": " + message;
  }
}
