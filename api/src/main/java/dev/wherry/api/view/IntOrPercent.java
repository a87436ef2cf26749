package dev.wherry.api.view;

/** A number or a percentage of another ({@code intstr.IntOrString}): {@code 2}, {@code "25%"}. */
public record IntOrPercent(long number, boolean percent) {

  /** From a tree value; the fallback where it is neither. */
  public static IntOrPercent of(Object value, IntOrPercent fallback) {
    return switch (value) {
      case Long number -> new IntOrPercent(number, false);
      case Double number -> new IntOrPercent(number.longValue(), false);
      case String text -> parse(text, fallback);
      default -> fallback;
    };
  }

  private static IntOrPercent parse(String text, IntOrPercent fallback) {
    boolean percent = text.endsWith("%");
    String digits = percent ? text.substring(0, text.length() - 1) : text;
    try {
      return new IntOrPercent(Long.parseLong(digits), percent);
    } catch (NumberFormatException e) {
      return fallback; // validation refuses such text; what is stored already must not stop a
      // caller
    }
  }

  public long roundedUpOf(long total) {
    return percent ? Math.ceilDiv(total * number, 100) : number;
  }

  public long roundedDownOf(long total) {
    return percent ? Math.floorDiv(total * number, 100) : number;
  }
}
