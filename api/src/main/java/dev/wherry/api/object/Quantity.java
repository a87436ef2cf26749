package dev.wherry.api.object;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A fixed-point number with a suffix: {@code 100m}, {@code 1.5}, {@code 64Mi}, {@code 2e3}
 * (Kubernetes: Quantity). Compared by value, not by text. Immutable.
 */
public record Quantity(BigDecimal value) implements Comparable<Quantity> {
  public static final Quantity ZERO = new Quantity(BigDecimal.ZERO);

  private static final Pattern SYNTAX =
      Pattern.compile(
          "([+-]?(?:\\d+(?:\\.\\d*)?|\\.\\d+))(?:([eE][+-]?\\d{1,5})|([KMGTPE]i|[numkMGTPE])?)");

  /** A power of two. */
  private static final int PARSED_SLOTS = 256;

  /** What was parsed last of each slot: the same few amounts are asked for again and again. */
  private static final AtomicReferenceArray<@Nullable Parsed> PARSED =
      new AtomicReferenceArray<>(PARSED_SLOTS);

  private record Parsed(String text, Quantity quantity) {}

  /** Longer than any number of use; arithmetic on a million digits takes its time. */
  private static final int MAX_LENGTH = 100;

  private static final Map<String, BigDecimal> SUFFIXES =
      Map.ofEntries(
          Map.entry("n", BigDecimal.ONE.scaleByPowerOfTen(-9)),
          Map.entry("u", BigDecimal.ONE.scaleByPowerOfTen(-6)),
          Map.entry("m", BigDecimal.ONE.scaleByPowerOfTen(-3)),
          Map.entry("k", BigDecimal.ONE.scaleByPowerOfTen(3)),
          Map.entry("M", BigDecimal.ONE.scaleByPowerOfTen(6)),
          Map.entry("G", BigDecimal.ONE.scaleByPowerOfTen(9)),
          Map.entry("T", BigDecimal.ONE.scaleByPowerOfTen(12)),
          Map.entry("P", BigDecimal.ONE.scaleByPowerOfTen(15)),
          Map.entry("E", BigDecimal.ONE.scaleByPowerOfTen(18)),
          Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
          Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
          Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
          Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
          Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
          Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

  /** What a quantity must look like, as Kubernetes' messages quote it. */
  public static final String SYNTAX_MESSAGE =
      "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

  /**
   * Parses a quantity.
   *
   * @throws IllegalArgumentException with {@link #SYNTAX_MESSAGE} when the text is none
   */
  public static Quantity parse(String text) {
    int hash = text.hashCode();
    int slot = (hash ^ (hash >>> 16)) & (PARSED_SLOTS - 1);
    Parsed held = PARSED.getPlain(slot);
    if (held != null && held.text().equals(text)) {
      return held.quantity();
    }
    Quantity quantity = parsed(text);
    PARSED.setRelease(slot, new Parsed(text, quantity));
    return quantity;
  }

  private static Quantity parsed(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (text.length() > MAX_LENGTH || !matcher.matches()) {
      throw new IllegalArgumentException(SYNTAX_MESSAGE);
    }
    BigDecimal number = new BigDecimal(matcher.group(1));
    if (matcher.group(2) != null) {
      int exponent = Integer.parseInt(matcher.group(2).substring(1));
      if (Math.abs(exponent) > 30) {
        throw new IllegalArgumentException(SYNTAX_MESSAGE);
      }
      return new Quantity(number.scaleByPowerOfTen(exponent));
    }
    BigDecimal factor =
        matcher.group(3) == null
            ? BigDecimal.ONE
            : SUFFIXES.getOrDefault(matcher.group(3), BigDecimal.ONE);
    return new Quantity(number.multiply(factor));
  }

  /**
   * The text that Kubernetes writes for this quantity: {@code 0.5} is {@code 500m}, {@code 1024Mi}
   * is {@code 1Gi}, {@code 1000} is {@code 1k}. The family of the suffix stays.
   *
   * @throws IllegalArgumentException with {@link #SYNTAX_MESSAGE} when the text is none
   */
  public static String canonical(String text) {
    return CanonicalQuantity.isPlain(text)
        ? text
        : CanonicalQuantity.text(parse(text).value(), CanonicalQuantity.Family.of(text));
  }

  /** From a tree value: a string, or a bare number. Anything else is zero. */
  public static Quantity of(Object value) {
    return switch (value) {
      case String text -> parse(text);
      case Long number -> new Quantity(BigDecimal.valueOf(number));
      case Double number -> new Quantity(BigDecimal.valueOf(number));
      default -> ZERO;
    };
  }

  /** The value rounded up to a whole number, bounded by a long. */
  public long wholeCeiling() {
    return bounded(value);
  }

  /** The value in thousandths, rounded up: CPU in millicores. */
  public long milliCeiling() {
    return bounded(value.scaleByPowerOfTen(3));
  }

  private static long bounded(BigDecimal number) {
    BigDecimal whole = number.setScale(0, RoundingMode.CEILING);
    return whole
        .min(BigDecimal.valueOf(Long.MAX_VALUE))
        .max(BigDecimal.valueOf(Long.MIN_VALUE))
        .longValue();
  }

  public boolean isNegative() {
    return value.signum() < 0;
  }

  public Quantity plus(Quantity other) {
    return new Quantity(value.add(other.value));
  }

  @Override
  public int compareTo(Quantity other) {
    return value.compareTo(other.value);
  }
}
