package dev.wherry.api.schema.protobuf;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Go's text of a duration, such as {@code 1h30m0s} and {@code 1.5s} (time.Duration). Pure. */
final class GoDuration {
  private static final Pattern PART =
      Pattern.compile("(\\d+(?:\\.\\d*)?|\\.\\d+)(ns|us|µs|μs|ms|s|m|h)");

  private GoDuration() {}

  static String text(long nanos) {
    if (nanos == 0) {
      return "0s";
    }
    String sign = nanos < 0 ? "-" : "";
    BigDecimal amount = BigDecimal.valueOf(nanos).abs();
    if (amount.compareTo(BigDecimal.valueOf(1_000_000_000)) < 0) {
      boolean millis = amount.compareTo(BigDecimal.valueOf(1_000_000)) >= 0;
      boolean micros = amount.compareTo(BigDecimal.valueOf(1_000)) >= 0;
      String unit = millis ? "ms" : micros ? "µs" : "ns";
      return sign + plain(amount.movePointLeft(millis ? 6 : micros ? 3 : 0)) + unit;
    }
    BigDecimal minute = BigDecimal.valueOf(60);
    BigDecimal[] minutes = amount.movePointLeft(9).divideAndRemainder(minute);
    BigDecimal[] hours = minutes[0].divideAndRemainder(minute);
    StringBuilder text = new StringBuilder(sign);
    if (hours[0].signum() > 0) {
      text.append(plain(hours[0])).append('h');
    }
    if (minutes[0].signum() > 0) {
      text.append(plain(hours[1])).append('m');
    }
    return text.append(plain(minutes[1])).append('s').toString();
  }

  private static String plain(BigDecimal number) {
    return number.signum() == 0 ? "0" : number.stripTrailingZeros().toPlainString();
  }

  /** Nanoseconds; a text that is no duration is zero, and such were refused on their way in. */
  static long nanos(String text) {
    BigDecimal nanos = BigDecimal.ZERO;
    Matcher part = PART.matcher(text);
    while (part.find()) {
      long unit =
          switch (part.group(2)) {
            case "ns" -> 1L;
            case "ms" -> 1_000_000L;
            case "s" -> 1_000_000_000L;
            case "m" -> 60_000_000_000L;
            case "h" -> 3_600_000_000_000L;
            default -> 1_000L;
          };
      nanos = nanos.add(new BigDecimal(part.group(1)).multiply(BigDecimal.valueOf(unit)));
    }
    return text.startsWith("-") ? -nanos.longValue() : nanos.longValue();
  }
}
