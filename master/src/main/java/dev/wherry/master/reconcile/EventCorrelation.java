package dev.wherry.master.reconcile;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Decides what of a stream of notes is written: a note like one before counts that one up, the
 * eleventh of the same reason with another text within ten minutes stands for all that follow, with
 * the text of the last, and an object about which too much is told is told about no more for a
 * while (client-go, record: EventCorrelator). It remembers {@value #MAX_REMEMBERED} of each and
 * forgets the eldest. Confined to one thread.
 */
final class EventCorrelation {
  private static final int MAX_REMEMBERED = 1024;
  private static final int MAX_SIMILAR = 10;
  private static final Duration SIMILAR_WITHIN = Duration.ofMinutes(10);
  private static final int BURST = 25;
  private static final Duration REFILL = Duration.ofMinutes(5);
  private static final int LONGEST_MESSAGE = 1024;
  private static final String COMBINED = "(combined from similar events)";

  /** What to do with a note. */
  sealed interface Verdict {
    record Create(Key key, Obj event) implements Verdict {}

    /** Count the event of this name up. */
    record Count(Key key, String namespace, String name, Obj mergePatch, Obj event)
        implements Verdict {}
  }

  /** What makes two notes the same. */
  record Key(String component, String uid, String name, String type, String reason, String text) {}

  private record Series(String component, String uid, String name, String type, String reason) {}

  private static final class Similar {
    final Set<String> texts = new HashSet<>();
    Instant last = Instant.EPOCH;
  }

  private static final class Allowance {
    double tokens = BURST;
    Instant last = Instant.EPOCH;
  }

  private final Map<Key, Obj> events = new Bounded<>();
  private final Map<Series, Similar> series = new Bounded<>();
  private final Map<String, Allowance> allowances = new Bounded<>();

  private static final class Bounded<K, V> extends LinkedHashMap<K, V> {
    private static final long serialVersionUID = 1L;

    Bounded() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
      return size() > MAX_REMEMBERED;
    }
  }

  /** Empty: too much is told about this object. */
  Optional<Verdict> decide(String component, EventNote note, Instant now) {
    Meta about = Meta.of(note.about());
    if (!allowed(component + "/" + about.uid() + "/" + about.name(), now)) {
      return Optional.empty();
    }
    String text = shortened(note.message());
    boolean combined = isOneOfMany(component, note, text, now);
    String message = combined ? shortened(COMBINED + ": " + text) : text;
    Key key =
        new Key(
            component,
            about.uid(),
            about.name(),
            note.type().text(),
            note.reason(),
            combined ? COMBINED : text);
    Obj before = events.get(key);
    Obj event =
        before == null
            ? event(component, note, message, now)
            : before
                .with("count", before.number("count", 1) + 1)
                .with("message", message)
                .with("lastTimestamp", Meta.Times.format(now));
    events.put(key, event);
    if (before == null) {
      return Optional.of(new Verdict.Create(key, event));
    }
    Obj patch =
        Obj.of("count", event.number("count", 1), "lastTimestamp", event.string("lastTimestamp"));
    patch = combined ? patch.with("message", message) : patch;
    Meta meta = Meta.of(event);
    return Optional.of(new Verdict.Count(key, meta.namespace(), meta.name(), patch, event));
  }

  /** The event could not be written: the next like it is the first. */
  void forget(Key key) {
    events.remove(key);
  }

  private boolean allowed(String object, Instant now) {
    Allowance allowance = allowances.computeIfAbsent(object, _ -> new Allowance());
    double refill = Duration.between(allowance.last, now).toMillis() / (double) REFILL.toMillis();
    allowance.tokens = Math.min(BURST, allowance.tokens + Math.max(0, refill));
    allowance.last = now;
    if (allowance.tokens < 1) {
      return false;
    }
    allowance.tokens -= 1;
    return true;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE);
  }

  /** Whether so much alike was told of late that this one is told with the others. */
  private boolean isOneOfMany(String component, EventNote note, String text, Instant now) {
    Meta about = Meta.of(note.about());
    Similar similar =
        series.computeIfAbsent(
            new Series(component, about.uid(), about.name(), note.type().text(), note.reason()),
            _ -> new Similar());
    if (similar.last.plus(SIMILAR_WITHIN).isBefore(now)) {
      similar.texts.clear();
    }
    similar.last = now;
    if (similar.texts.contains(text)) {
      return false;
    }
    if (similar.texts.size() >= MAX_SIMILAR) {
      return true;
    }
    similar.texts.add(text);
    return false;
  }

  private static Obj event(String component, EventNote note, String message, Instant now) {
    Meta about = Meta.of(note.about());
    String namespace = about.namespace().isEmpty() ? "default" : about.namespace();
    String time = Meta.Times.format(now);
    Obj involved =
        Obj.builder()
            .put("kind", note.about().string("kind"))
            .putUnlessEmpty("namespace", about.namespace())
            .put("name", about.name())
            .putUnlessEmpty("uid", about.uid())
            .put("apiVersion", note.about().string("apiVersion"))
            .putUnlessEmpty("resourceVersion", about.resourceVersion())
            .build();
    return Obj.builder()
        .put("apiVersion", "v1")
        .put("kind", "Event")
        .put("metadata", Obj.of("namespace", namespace, "name", name(about, note, message, now)))
        .put("involvedObject", involved)
        .put("reason", note.reason())
        .put("message", message)
        .put("source", Obj.of("component", component))
        .put("firstTimestamp", time)
        .put("lastTimestamp", time)
        .put("count", 1)
        .put("type", note.type().text())
        .put("reportingComponent", component)
        .put("reportingInstance", "")
        .build();
  }

  /** The object's name and a number that no other of its events has: when it was, and what. */
  private static String name(Meta about, EventNote note, String message, Instant now) {
    long nanos = now.getEpochSecond() * 1_000_000_000L + now.getNano();
    long text = 31L * note.reason().hashCode() + message.hashCode();
    return about.name() + "." + Long.toHexString(nanos ^ (text << 1));
  }
}
