package dev.wherry.api.object;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;

/**
 * Writes quantities as Kubernetes does (resource.Quantity, CanonicalizeBytes): no fraction, the
 * largest suffix that allows that. Pure.
 */
final class CanonicalQuantity {
  private static final String[] DECIMAL = {"n", "u", "m", "", "k", "M", "G", "T", "P", "E"};
  private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final BigInteger THOUSAND = BigInteger.valueOf(1000);
  private static final BigInteger KIBI = BigInteger.valueOf(1024);

  /** Nothing finer is kept: parts of a billionth are rounded up. */
  private static final int NANO = 9;

  private static final int MAX_PLAIN_DIGITS = 9;

  private CanonicalQuantity() {}

  /** The suffixes that a quantity is written with. */
  enum Family {
    DECIMAL,
    BINARY,
    EXPONENT;

    static Family of(String text) {
      if (text.endsWith("i")) {
        return BINARY;
      }
      char last = text.isEmpty() ? ' ' : text.charAt(text.length() - 1);
      boolean exponent = (text.indexOf('e') >= 0 || text.indexOf('E') >= 0) && last != 'E';
      return exponent ? EXPONENT : DECIMAL;
    }
  }

  /**
   * Whether the text is canonical at a glance, as nearly all are: up to nine digits that the next
   * suffix does not divide, then a suffix. False where it takes a closer look.
   */
  static boolean isPlain(String text) {
    int digits = 0;
    int number = 0;
    while (digits < text.length() && digits <= MAX_PLAIN_DIGITS) {
      char c = text.charAt(digits);
      if (c < '0' || c > '9') {
        break;
      }
      number = 10 * number + (c - '0');
      digits++;
    }
    if (digits == 0 || digits > MAX_PLAIN_DIGITS || text.charAt(0) == '0') {
      return false;
    }
    return switch (text.length() - digits) {
      case 0 -> number % 1000 != 0;
      case 1 -> "mkMGT".indexOf(text.charAt(digits)) >= 0 && number % 1000 != 0;
      case 2 ->
          "KMGT".indexOf(text.charAt(digits)) >= 0
              && text.charAt(digits + 1) == 'i'
              && number % 1024 != 0;
      default -> false;
    };
  }

  static String text(BigDecimal value, Family family) {
    if (value.signum() == 0) {
      return "0";
    }
    boolean whole = value.stripTrailingZeros().scale() <= 0;
    boolean small = value.abs().compareTo(BigDecimal.valueOf(1024)) < 0;
    if (family == Family.BINARY && whole && !small) {
      return binary(value.toBigIntegerExact());
    }
    return decimal(value, family == Family.EXPONENT);
  }

  private static String binary(BigInteger value) {
    BigInteger number = value;
    int suffix = 0;
    while (suffix < BINARY.length - 1) {
      BigInteger[] parts = number.divideAndRemainder(KIBI);
      if (parts[1].signum() != 0) {
        break;
      }
      number = parts[0];
      suffix++;
    }
    return number + BINARY[suffix];
  }

  private static String decimal(BigDecimal value, boolean exponent) {
    RoundingMode away = RoundingMode.UP;
    BigInteger number = value.setScale(NANO, away).unscaledValue();
    int suffix = 0;
    while (suffix < DECIMAL.length - 1) {
      BigInteger[] parts = number.divideAndRemainder(THOUSAND);
      if (parts[1].signum() != 0) {
        break;
      }
      number = parts[0];
      suffix++;
    }
    int power = 3 * suffix - NANO;
    if (exponent) {
      return power == 0 ? number.toString() : number + "e" + power;
    }
    return number + DECIMAL[suffix];
  }
}
