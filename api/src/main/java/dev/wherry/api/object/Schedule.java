package dev.wherry.api.object;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.time.zone.ZoneRulesProvider;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * When a cron job is due: five fields (minute, hour, day of month, month, day of week) with lists,
 * ranges, steps and names, or a macro such as {@code @hourly} or {@code @every 90m}. Where both day
 * fields are given, one of them is enough. As in Kubernetes a time that the clocks skip in spring
 * does not come, and one that they repeat in autumn comes twice: what is due every hour stays so.
 * Immutable.
 */
public sealed interface Schedule {
  /** Past so many years nothing is looked for: the 30th of February never comes. */
  int MAX_YEARS = 5;

  /** The first moment after this one; empty when there is none within {@link #MAX_YEARS} years. */
  Optional<Instant> after(Instant moment);

  /** A moment of each span, counted from whatever moment one asks about. */
  record Every(Duration span) implements Schedule {
    @Override
    public Optional<Instant> after(Instant moment) {
      return Optional.of(Instant.ofEpochSecond(moment.getEpochSecond()).plus(span));
    }
  }

  /** By the calendar of a zone. */
  record Calendar(
      BitSet minutes,
      BitSet hours,
      BitSet days,
      BitSet months,
      BitSet weekdays,
      Days rule,
      ZoneId zone)
      implements Schedule {

    /** How the two fields of days go together. */
    enum Days {
      /** One of them is open: both have to match. */
      BOTH,
      /** Both are given: either is enough. */
      EITHER
    }

    public Calendar {
      minutes = (BitSet) minutes.clone();
      hours = (BitSet) hours.clone();
      days = (BitSet) days.clone();
      months = (BitSet) months.clone();
      weekdays = (BitSet) weekdays.clone();
    }

    @Override
    public Optional<Instant> after(Instant moment) {
      LocalDateTime from = LocalDateTime.ofInstant(moment, zone).withSecond(0).withNano(0);
      LocalDate last = from.toLocalDate().plusYears(MAX_YEARS);
      LocalTime begin = from.toLocalTime();
      for (LocalDate day = from.toLocalDate(); !day.isAfter(last); day = day.plusDays(1)) {
        if (matches(day)) {
          Optional<Instant> found = on(day, begin, moment);
          if (found.isPresent()) {
            return found;
          }
        }
        begin = LocalTime.MIN;
      }
      return Optional.empty();
    }

    private boolean matches(LocalDate day) {
      boolean byDay = days.get(day.getDayOfMonth());
      boolean byWeekday = weekdays.get(day.getDayOfWeek().getValue() % 7);
      return months.get(day.getMonthValue())
          && (rule == Days.BOTH ? byDay && byWeekday : byDay || byWeekday);
    }

    private Optional<Instant> on(LocalDate day, LocalTime begin, Instant moment) {
      Optional<Instant> first = on(day, begin, moment, ZonedDateTime::withEarlierOffsetAtOverlap);
      Optional<LocalTime> repeated = repeatedFrom(day);
      Optional<Instant> second =
          repeated.flatMap(each -> on(day, each, moment, ZonedDateTime::withLaterOffsetAtOverlap));
      return second.filter(each -> first.isEmpty() || each.isBefore(first.get())).or(() -> first);
    }

    /** Where the clocks go back to on this day; empty: they do not. */
    private Optional<LocalTime> repeatedFrom(LocalDate day) {
      ZoneRules rules = zone.getRules();
      if (rules.isFixedOffset()) {
        return Optional.empty();
      }
      Instant midnight = day.atStartOfDay(zone).toInstant();
      return Optional.ofNullable(rules.nextTransition(midnight.minusNanos(1)))
          .filter(ZoneOffsetTransition::isOverlap)
          .map(ZoneOffsetTransition::getDateTimeAfter)
          .filter(each -> each.toLocalDate().equals(day))
          .map(LocalDateTime::toLocalTime);
    }

    private Optional<Instant> on(
        LocalDate day, LocalTime begin, Instant moment, UnaryOperator<ZonedDateTime> overlap) {
      int firstHour = begin.getHour();
      for (int h = hours.nextSetBit(firstHour); h >= 0; h = hours.nextSetBit(h + 1)) {
        int firstMinute = h == firstHour ? begin.getMinute() : 0;
        for (int m = minutes.nextSetBit(firstMinute); m >= 0; m = minutes.nextSetBit(m + 1)) {
          LocalDateTime local = day.atTime(h, m);
          Instant found = overlap.apply(ZonedDateTime.of(local, zone)).toInstant();
          boolean exists = LocalDateTime.ofInstant(found, zone).equals(local);
          if (exists && found.isAfter(moment)) {
            return Optional.of(found);
          }
        }
      }
      return Optional.empty();
    }
  }

  Map<String, String> MACROS =
      Map.of(
          "@yearly", "0 0 1 1 *",
          "@annually", "0 0 1 1 *",
          "@monthly", "0 0 1 * *",
          "@weekly", "0 0 * * 0",
          "@daily", "0 0 * * *",
          "@midnight", "0 0 * * *",
          "@hourly", "0 * * * *");

  List<String> MONTHS =
      List.of("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
  List<String> WEEKDAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");

  /**
   * Parses a schedule.
   *
   * @param zone where the schedule does not begin with {@code TZ=} or {@code CRON_TZ=}
   * @throws IllegalArgumentException saying what is wrong
   */
  static Schedule parse(String text, ZoneId zone) {
    String rest = text.strip();
    ZoneId its = zone;
    if (rest.startsWith("TZ=") || rest.startsWith("CRON_TZ=")) {
      int space = rest.indexOf(' ');
      if (space < 0) {
        throw new IllegalArgumentException("no schedule behind the time zone: " + text);
      }
      its = its(rest.substring(rest.indexOf('=') + 1, space));
      rest = rest.substring(space).strip();
    }
    if (rest.startsWith("@every ")) {
      return new Every(duration(rest.substring("@every ".length()).strip()));
    }
    String expanded = MACROS.getOrDefault(rest, rest);
    if (expanded.startsWith("@")) {
      throw new IllegalArgumentException("unrecognized descriptor: " + rest);
    }
    String[] fields = expanded.split("\\s+");
    if (fields.length != 5) {
      throw new IllegalArgumentException(
          "expected exactly 5 fields, found " + fields.length + ": [" + expanded + "]");
    }
    boolean open = isOpen(fields[2]) || isOpen(fields[4]);
    return new Calendar(
        field(fields[0], 0, 59, List.of(), 0),
        field(fields[1], 0, 23, List.of(), 0),
        field(fields[2], 1, 31, List.of(), 0),
        field(fields[3], 1, 12, MONTHS, 1),
        field(fields[4], 0, 6, WEEKDAYS, 0),
        open ? Calendar.Days.BOTH : Calendar.Days.EITHER,
        its);
  }

  private static ZoneId its(String name) {
    try {
      return zone(name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "provided bad location " + name + ": " + e.getMessage(), e);
    }
  }

  /**
   * The zone of an IANA name.
   *
   * @throws IllegalArgumentException when it is none, such as an offset
   */
  static ZoneId zone(String name) {
    try {
      ZoneRules _ = ZoneRulesProvider.getRules(name, false);
      return ZoneId.of(name);
    } catch (DateTimeException _) {
      throw new IllegalArgumentException("unknown time zone " + name);
    }
  }

  private static boolean isOpen(String field) {
    return field.startsWith("*") || field.startsWith("?");
  }

  private static BitSet field(String text, int least, int most, List<String> names, int first) {
    BitSet bits = new BitSet();
    for (String part : text.split(",", -1)) {
      String[] stepped = part.split("/", -1);
      int step = stepped.length == 1 ? 1 : number(stepped[1], List.of(), 0);
      String range = stepped[0];
      int from = least;
      int to = most;
      if (!range.equals("*") && !range.equals("?")) {
        String[] ends = range.split("-", -1);
        from = number(ends[0], names, first);
        to = ends.length > 1 ? number(ends[1], names, first) : stepped.length > 1 ? to : from;
        if (ends.length > 2) {
          throw new IllegalArgumentException("too many hyphens: " + part);
        }
      }
      checkRange(part, stepped.length, step, least, from, to, most);
      for (int i = from; i <= to; i += step) {
        bits.set(i);
      }
    }
    return bits;
  }

  private static void checkRange(
      String part, int slashed, int step, int least, int from, int to, int most) {
    String fault =
        slashed > 2
            ? "too many slashes: "
            : from < least
                ? "beginning of range (" + from + ") below minimum (" + least + "): "
                : to > most
                    ? "end of range (" + to + ") above maximum (" + most + "): "
                    : from > to
                        ? "beginning of range (" + from + ") beyond end of range (" + to + "): "
                        : step < 1 ? "step of range should be a positive number: " : "";
    if (!fault.isEmpty()) {
      throw new IllegalArgumentException(fault + part);
    }
  }

  private static int number(String text, List<String> names, int first) {
    int name = names.indexOf(text.toLowerCase(Locale.ROOT));
    if (name >= 0) {
      return name + first;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException _) {
      String why = text.matches("[+-]?[0-9]+") ? "value out of range" : "invalid syntax";
      throw new IllegalArgumentException(
          "failed to parse int from %s: strconv.Atoi: parsing \"%s\": %s"
              .formatted(text, text, why));
    }
  }

  /** As Go writes durations: {@code 1h30m}. Whole seconds, one at least. */
  private static Duration duration(String text) {
    Duration sum = Duration.ZERO;
    String rest = text;
    while (!rest.isEmpty()) {
      int digits = 0;
      while (digits < rest.length() && Character.isDigit(rest.charAt(digits))) {
        digits++;
      }
      if (digits == 0 || digits > 9 || digits == rest.length()) {
        throw new IllegalArgumentException("failed to parse duration @every " + text);
      }
      long number = Long.parseLong(rest.substring(0, digits));
      sum =
          sum.plus(
              switch (rest.charAt(digits)) {
                case 'h' -> Duration.ofHours(number);
                case 'm' -> Duration.ofMinutes(number);
                case 's' -> Duration.ofSeconds(number);
                default ->
                    throw new IllegalArgumentException("failed to parse duration @every " + text);
              });
      rest = rest.substring(digits + 1);
    }
    return sum.compareTo(Duration.ofSeconds(1)) < 0 ? Duration.ofSeconds(1) : sum;
  }
}
