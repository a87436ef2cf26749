package dev.wherry.agent.sync;

import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Makes core/v1 Events in kubelet's name and hands them to {@link Reports}. The same words about
 * the same object count up under one name. Thread-safe.
 */
public final class EventRecorder {
  /** Events whose repetitions are recognized; the eldest is forgotten past it. */
  private static final int MAX_KNOWN = 256;

  private final Reports reports;
  private final String node;
  private final InstantSource clock;
  private final Map<String, Seen> known =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Seen> eldest) {
          return size() > MAX_KNOWN;
        }
      };

  private record Seen(String name, Instant first, int count) {}

  public EventRecorder(Reports reports, String node, InstantSource clock) {
    this.reports = reports;
    this.node = node;
    this.clock = clock;
  }

  /**
   * @param involved the object's reference, {@code fieldPath} included
   */
  public void record(Obj involved, String type, String reason, String message) {
    Instant now = clock.instant();
    String namespace = involved.string("namespace", "default");
    Seen seen = count(involved, reason, message, now);
    reports.event(
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Event",
            "metadata",
            Obj.of("name", seen.name(), "namespace", namespace),
            "involvedObject",
            involved,
            "reason",
            reason,
            "message",
            message,
            "source",
            Obj.of("component", "kubelet", "host", node),
            "firstTimestamp",
            Times.format(seen.first()),
            "lastTimestamp",
            Times.format(now),
            "count",
            seen.count(),
            "type",
            type,
            "reportingComponent",
            "kubelet",
            "reportingInstance",
            node));
  }

  private Seen count(Obj involved, String reason, String message, Instant now) {
    String key =
        involved.string("uid")
            + '\n'
            + involved.string("fieldPath")
            + '\n'
            + reason
            + '\n'
            + message;
    synchronized (known) {
      Seen before = known.get(key);
      Seen seen =
          before == null
              ? new Seen(name(involved, now), now, 1)
              : new Seen(before.name(), before.first(), before.count() + 1);
      known.put(key, seen);
      return seen;
    }
  }

  private long last;

  /** Unique by its nanoseconds, as client-go names events. */
  private String name(Obj involved, Instant now) {
    long nanos = Math.max(last + 1, now.getEpochSecond() * 1_000_000_000L + now.getNano());
    last = nanos;
    return involved.string("name") + "." + Long.toHexString(nanos);
  }

  /** The reference to a pod, or to one of its containers. */
  static Obj reference(ObjectKey pod, String uid, String resourceVersion, String fieldPath) {
    return Obj.builder()
        .put("apiVersion", "v1")
        .put("kind", "Pod")
        .put("namespace", pod.namespace())
        .put("name", pod.name())
        .put("uid", uid)
        .putUnlessEmpty("resourceVersion", resourceVersion)
        .putUnlessEmpty("fieldPath", fieldPath)
        .build();
  }
}
