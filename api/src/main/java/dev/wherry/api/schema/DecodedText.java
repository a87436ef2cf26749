package dev.wherry.api.schema;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.List;
import java.util.regex.Pattern;

/** Reads the values that are text in JSON and something else in Go. Pure. */
final class DecodedText {
  private static final String RFC_3339 = "2006-01-02T15:04:05Z07:00";
  private static final String RFC_3339_MICRO = "2006-01-02T15:04:05.000000Z07:00";
  private static final Pattern DURATION =
      Pattern.compile("[-+]?(0|((\\d+(\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h))+)");

  private DecodedText() {}

  static Object quantity(Object value) {
    try {
      return switch (value) {
        case String text -> Quantity.canonical(text.strip());
        case Long number -> Quantity.canonical(number.toString());
        case Double number -> Quantity.canonical(number.toString());
        default -> throw new DecodeFailure(Quantity.SYNTAX_MESSAGE);
      };
    } catch (IllegalArgumentException e) {
      throw new DecodeFailure(Quantity.SYNTAX_MESSAGE);
    }
  }

  static Object intOrString(Object value) {
    boolean fits = value instanceof String || value instanceof Long l && l == l.intValue();
    if (!fits) {
      throw new DecodeFailure(
          "json: cannot unmarshal " + jsonKind(value, "int32") + " into Go value of type int32");
    }
    return value;
  }

  static Object time(Object value) {
    if (value instanceof String text && Meta.Times.isCanonical(text)) {
      return text;
    }
    return Meta.Times.format(instant(value, RFC_3339));
  }

  static Object microTime(Object value) {
    return Meta.Times.formatMicro(instant(value, RFC_3339_MICRO));
  }

  private static Instant instant(Object value, String layout) {
    if (!(value instanceof String text)) {
      throw new DecodeFailure(
          "json: cannot unmarshal " + jsonKind(value, "string") + " into Go value of type string");
    }
    return Meta.Times.parse(text)
        .orElseThrow(
            () ->
                new DecodeFailure(
                    "parsing time \""
                        + text
                        + "\" as \""
                        + layout
                        + "\": cannot parse \""
                        + text
                        + "\" as \"2006\""));
  }

  static Object duration(Object value) {
    if (value instanceof String text && DURATION.matcher(text).matches()) {
      return text;
    }
    String shown = value instanceof String text ? text : value.toString();
    throw new DecodeFailure("time: invalid duration \"" + shown + "\"");
  }

  /**
   * Whether it is base64 with padding; line ends count for nothing.
   *
   * @throws DecodeFailure with the place where it ceases to be
   */
  static boolean isBase64(String text) {
    int digits = 0;
    int padding = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\r') {
        continue;
      }
      boolean digit =
          c >= 'A' && c <= 'Z'
              || c >= 'a' && c <= 'z'
              || c >= '0' && c <= '9'
              || c == '+'
              || c == '/';
      boolean pad = c == '=' && (digits + padding) % 4 >= 2 && padding < 2;
      if (!pad && (!digit || padding > 0)) {
        throw new DecodeFailure("illegal base64 data at input byte " + i);
      }
      digits += digit ? 1 : 0;
      padding += pad ? 1 : 0;
    }
    if ((digits + padding) % 4 != 0) {
      throw new DecodeFailure("illegal base64 data at input byte " + text.length());
    }
    return true;
  }

  /** As Go's decoder names what it found; a number that does not fit is quoted. */
  static String jsonKind(Object value, String goType) {
    return switch (value) {
      case String _ -> "string";
      case Boolean _ -> "bool";
      case Obj _ -> "object";
      case List<?> _ -> "array";
      case Null _ -> "null";
      case Number number when goType.startsWith("int") -> "number " + number;
      default -> "number";
    };
  }
}
