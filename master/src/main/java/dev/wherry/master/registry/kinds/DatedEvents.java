package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/**
 * Events as clients of {@code events.k8s.io/v1} write them, in the core group's members: they say
 * when they were and leave the members of older ones alone; afterwards only their series changes.
 */
final class DatedEvents implements Strategy {
  private static final List<String> TYPES = List.of("Normal", "Warning");
  private static final List<String> OF_OLDER_ONES =
      List.of("firstTimestamp", "lastTimestamp", "count", "source");

  /** Members that stay as they are. */
  private static final List<String> FIXED =
      List.of(
          "involvedObject",
          "reason",
          "message",
          "source",
          "firstTimestamp",
          "lastTimestamp",
          "count",
          "type",
          "eventTime",
          "action",
          "related",
          "reportingComponent",
          "reportingInstance");

  @Override
  public void checkNew(Obj event, Causes causes) {
    series(event, causes);
    if (event.string("eventTime").isEmpty()) {
      causes.required("eventTime", "");
    }
    if (!TYPES.contains(event.string("type"))) {
      causes.invalid("type", "", "has invalid value: " + event.string("type"));
    }
    for (String key : OF_OLDER_ONES) {
      if (saysSomething(event, key)) {
        causes.invalid(key, "", "needs to be unset");
      }
    }
  }

  private static boolean saysSomething(Obj event, String key) {
    return !event.string(key).isEmpty()
        || event.number(key, 0) != 0
        || !event.obj(key).string("component").isEmpty()
        || !event.obj(key).string("host").isEmpty();
  }

  private static void series(Obj event, Causes causes) {
    if (!event.has("series")) {
      return;
    }
    Obj series = event.obj("series");
    if (series.number("count", 0) < 2) {
      causes.invalid("series.count", "", "should be at least 2");
    }
    Checks.required(series, "series", causes, "lastObservedTime");
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    if (!updated.get("series").equals(existing.get("series"))) {
      series(updated, causes);
    }
    for (String key : FIXED) {
      String path = key.equals("reportingComponent") ? "reportingController" : key;
      Checks.immutable(updated, existing, key, path, causes);
    }
  }
}
