package dev.wherry.api.object;

import dev.wherry.api.tree.Obj;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A view of an object's {@code metadata} (Kubernetes API conventions, Metadata). */
public record Meta(Obj tree) {

  public static Meta of(Obj object) {
    return new Meta(object.obj("metadata"));
  }

  public String namespace() {
    return tree.string("namespace");
  }

  public String name() {
    return tree.string("name");
  }

  public String uid() {
    return tree.string("uid");
  }

  public String resourceVersion() {
    return tree.string("resourceVersion");
  }

  public long generation() {
    return tree.number("generation", 0);
  }

  public Map<String, String> labels() {
    return tree.stringMap("labels");
  }

  public Map<String, String> annotations() {
    return tree.stringMap("annotations");
  }

  public List<String> finalizers() {
    return tree.strings("finalizers");
  }

  public List<OwnerReference> ownerReferences() {
    return tree.objs("ownerReferences").stream().map(OwnerReference::of).toList();
  }

  /** The owner whose {@code controller} is true. */
  public Optional<OwnerReference> controller() {
    for (Obj owner : tree.objs("ownerReferences")) {
      if (owner.flag("controller")) {
        return Optional.of(OwnerReference.of(owner));
      }
    }
    return Optional.empty();
  }

  public Optional<Instant> creationTimestamp() {
    return instant("creationTimestamp");
  }

  public Optional<Instant> deletionTimestamp() {
    return instant("deletionTimestamp");
  }

  public boolean isTerminating() {
    return !tree.string("deletionTimestamp").isEmpty();
  }

  private Optional<Instant> instant(String key) {
    return Times.parse(tree.string(key));
  }

  /** Times as Kubernetes writes them: RFC 3339, whole seconds, UTC. */
  public static final class Times {
    private static final String WHOLE = "0000-00-00T00:00:00Z";
    private static final String NO_MICROS = ".000000Z";
    private static final long SECONDS_A_DAY = 86_400;

    private Times() {}

    public static String format(Instant instant) {
      LocalDateTime time = LocalDateTime.ofEpochSecond(instant.getEpochSecond(), 0, ZoneOffset.UTC);
      if (time.getYear() < 0 || time.getYear() > 9999) {
        return instant.truncatedTo(ChronoUnit.SECONDS).toString();
      }
      char[] text = WHOLE.toCharArray();
      digits(text, 4, time.getYear());
      digits(text, 7, time.getMonthValue());
      digits(text, 10, time.getDayOfMonth());
      digits(text, 13, time.getHour());
      digits(text, 16, time.getMinute());
      digits(text, 19, time.getSecond());
      return new String(text);
    }

    /** Writes a number so that it ends before this place. */
    private static void digits(char[] text, int end, int number) {
      int at = end;
      for (int rest = number; rest > 0; rest /= 10) {
        text[--at] = (char) ('0' + rest % 10);
      }
    }

    /** With six digits of a second, as MicroTime fields have it. */
    public static String formatMicro(Instant instant) {
      String seconds = format(instant);
      char[] text = (seconds.substring(0, seconds.length() - 1) + NO_MICROS).toCharArray();
      digits(text, text.length - 1, instant.getNano() / 1000);
      return new String(text);
    }

    /** Empty when the text is no RFC 3339 time. */
    public static Optional<Instant> parse(String text) {
      try {
        if (isWhole(text)) {
          LocalDate date =
              LocalDate.of(number(text, 0, 4), number(text, 5, 7), number(text, 8, 10));
          int seconds =
              LocalTime.of(number(text, 11, 13), number(text, 14, 16), number(text, 17, 19))
                  .toSecondOfDay();
          return Optional.of(Instant.ofEpochSecond(date.toEpochDay() * SECONDS_A_DAY + seconds));
        }
        return text.isEmpty()
            ? Optional.empty()
            : Optional.of(OffsetDateTime.parse(text).toInstant());
      } catch (DateTimeException e) {
        return Optional.empty();
      }
    }

    /** Whether the text is laid out as {@link #format} writes it: the quick way to read it. */
    private static boolean isWhole(String text) {
      if (text.length() != WHOLE.length()) {
        return false;
      }
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        char want = WHOLE.charAt(i);
        if (want == '0' ? c < '0' || c > '9' : c != want) {
          return false;
        }
      }
      return true;
    }

    /** Whether {@link #format} would write this text just so. */
    public static boolean isCanonical(String text) {
      return isWhole(text) && parse(text).isPresent();
    }

    private static int number(String text, int from, int to) {
      return Integer.parseInt(text, from, to, 10);
    }
  }
}
