package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Conversion;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events of {@code events.k8s.io/v1}: the core group's, with other names for some members. */
final class EventConversion {
  /** Members by their name in events.k8s.io, with the core group's. */
  private static final Map<String, String> CORE_NAMES = names();

  static final Conversion V1 =
      new Conversion(
          definition(),
          GroupResource.EVENTS,
          event -> renamed(event, inverse(), "events.k8s.io/v1"),
          (event, _) -> renamed(event, CORE_NAMES, "v1"),
          EventConversion::field);

  private EventConversion() {}

  private static Map<String, String> names() {
    Map<String, String> names = new LinkedHashMap<>();
    names.put("regarding", "involvedObject");
    names.put("note", "message");
    names.put("reportingController", "reportingComponent");
    names.put("deprecatedSource", "source");
    names.put("deprecatedFirstTimestamp", "firstTimestamp");
    names.put("deprecatedLastTimestamp", "lastTimestamp");
    names.put("deprecatedCount", "count");
    return names;
  }

  private static Map<String, String> inverse() {
    Map<String, String> inverse = new LinkedHashMap<>();
    CORE_NAMES.forEach((ours, core) -> inverse.put(core, ours));
    return inverse;
  }

  private static ResourceDefinition definition() {
    ResourceDefinition.Builder builder =
        ResourceDefinition.of("events.k8s.io", "v1", "Event", "events")
            .shortNames("ev")
            .strategy(new DatedEvents())
            .columns();
    EventKind.DEFINITION
        .columns()
        .forEach(
            column ->
                builder.moreColumns(
                    List.of(
                        column.withCell(
                            (event, now) ->
                                column.cell().value(renamed(event, CORE_NAMES, "v1"), now)))));
    return builder.build();
  }

  private static Obj renamed(Obj event, Map<String, String> names, String apiVersion) {
    Obj.Builder made = Obj.builder();
    for (Obj.Entry member : event) {
      String key = names.getOrDefault(member.key(), member.key());
      made.put(key, key.equals("apiVersion") ? apiVersion : member.value());
    }
    return made.build();
  }

  /** {@code regarding.name} is {@code involvedObject.name}. */
  private static String field(String asked) {
    int dot = asked.indexOf('.');
    String head = dot < 0 ? asked : asked.substring(0, dot);
    String tail = dot < 0 ? "" : asked.substring(dot);
    return CORE_NAMES.getOrDefault(head, head) + tail;
  }
}
