package dev.wherry.master.registry.kinds;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Durations;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;
import java.util.Locale;

/** Events. */
final class EventKind implements Strategy {
  private static final int MAX_WORD = 128;
  private static final int MAX_MESSAGE = 1024;

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Event", "events")
          .shortNames("ev")
          .columns(
              Column.text("Last Seen", (event, now) -> Durations.since(lastSeen(event), now)),
              Column.text("Type", (event, _) -> event.string("type")),
              Column.text("Reason", (event, _) -> event.string("reason")),
              Column.text("Object", (event, _) -> object(event)),
              Column.wide(
                  "Subobject", (event, _) -> event.obj("involvedObject").string("fieldPath")),
              Column.wide("Source", (event, _) -> source(event)),
              Column.text("Message", (event, _) -> event.string("message").strip()),
              Column.wide("First Seen", (event, now) -> Durations.since(firstSeen(event), now)),
              Column.wide(
                  "Count", (event, _) -> String.valueOf(Math.max(1, event.number("count", 1)))),
              Column.NAME.withPriority(1))
          .field("involvedObject.kind")
          .field("involvedObject.namespace")
          .field("involvedObject.name")
          .field("involvedObject.uid")
          .field("involvedObject.apiVersion")
          .field("involvedObject.resourceVersion")
          .field("involvedObject.fieldPath")
          .field("reason")
          .field("reportingComponent")
          .field("source", event -> event.obj("source").string("component"))
          .field("type")
          .strategy(new EventKind())
          .build();

  private EventKind() {}

  private static String lastSeen(Obj event) {
    String series = event.obj("series").string("lastObservedTime");
    String last = event.string("lastTimestamp");
    return !series.isEmpty() ? series : !last.isEmpty() ? last : firstSeen(event);
  }

  private static String firstSeen(Obj event) {
    String first = event.string("firstTimestamp");
    String time = event.string("eventTime");
    return !first.isEmpty()
        ? first
        : !time.isEmpty() ? time : Meta.of(event).tree().string("creationTimestamp");
  }

  private static String object(Obj event) {
    Obj involved = event.obj("involvedObject");
    return involved.string("kind").toLowerCase(Locale.ROOT) + "/" + involved.string("name");
  }

  private static String source(Obj event) {
    Obj source = event.obj("source");
    String component = source.string("component", event.string("reportingComponent"));
    String host = source.string("host");
    return host.isEmpty() ? component : component + ", " + host;
  }

  @Override
  public void check(Obj event, Causes causes) {
    String namespace = event.obj("involvedObject").string("namespace");
    String own = Meta.of(event).namespace();
    boolean dated = !event.string("eventTime").isEmpty();
    boolean forCluster = own.equals("default") || (dated && own.equals("kube-system"));
    boolean fits = namespace.isEmpty() ? forCluster : dated || namespace.equals(own);
    if (!fits) {
      causes.invalid("involvedObject.namespace", namespace, "does not match event.namespace");
    }
    if (dated) {
      reported(event, causes);
    }
  }

  /** An event of the newer sort says who tells of it and what was done. */
  private static void reported(Obj event, Causes causes) {
    String controller = event.string("reportingComponent");
    if (controller.isEmpty()) {
      causes.required("reportingController", "");
    }
    Labels.checkQualifiedName(controller, "reportingController", causes);
    for (String key : List.of("reportingInstance", "action", "reason")) {
      if (event.string(key).isEmpty()) {
        causes.required(key, "");
      }
      bounded(event, key, MAX_WORD, causes);
    }
    bounded(event, "message", MAX_MESSAGE, causes);
  }

  private static void bounded(Obj event, String key, int mostBytes, Causes causes) {
    if (event.string(key).getBytes(UTF_8).length > mostBytes) {
      causes.invalid(key, "", "can have at most " + mostBytes + " characters");
    }
  }

  @Override
  public boolean createsOnUpdate() {
    return true;
  }
}
