package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putNumber;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.List;

/** How requests share the API server, as clients wish it: kept and shown, and not acted upon. */
final class FlowKinds {
  static final String GROUP = "flowcontrol.apiserver.k8s.io";

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of(GROUP, "v1", "FlowSchema", "flowschemas")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text("PriorityLevel", (of, _) -> levelName(of)),
                  Column.number(
                      "MatchingPrecedence",
                      (of, _) -> of.obj("spec").number("matchingPrecedence", 0)),
                  Column.text(
                      "DistinguisherMethod",
                      (of, _) -> Cells.orNone(of.at("spec", "distinguisherMethod").string("type"))),
                  Column.AGE,
                  Column.text("MissingPL", (of, _) -> dangling(of)))
              .strategy(
                  Rules.NONE
                      .withDefaults(
                          schema ->
                              schema.change(
                                  "spec", spec -> putNumber(spec, "matchingPrecedence", 1000)))
                      .withCheck(FlowSchemaChecks::check)
                      .withStatusCheck(
                          (updated, _, causes) -> StatusChecks.conditionTypes(updated, causes))
                      .withUpdating(Updating.COUNTED))
              .build(),
          ResourceDefinition.of(
                  GROUP, "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text("Type", (of, _) -> of.obj("spec").string("type")),
                  Column.text(
                      "NominalConcurrencyShares",
                      (of, _) -> shown(of.at("spec", "limited"), "nominalConcurrencyShares")),
                  Column.text("Queues", (of, _) -> shown(queuing(of), "queues")),
                  Column.text("HandSize", (of, _) -> shown(queuing(of), "handSize")),
                  Column.text(
                      "QueueLengthLimit", (of, _) -> shown(queuing(of), "queueLengthLimit")),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withDefaults(level -> level.change("spec", FlowKinds::level))
                      .withCheck(PriorityLevelChecks::check)
                      .withStatusCheck(
                          (updated, _, causes) -> StatusChecks.conditionTypes(updated, causes))
                      .withUpdating(Updating.COUNTED))
              .build());

  private FlowKinds() {}

  private static String levelName(Obj schema) {
    return schema.at("spec", "priorityLevelConfiguration").string("name");
  }

  private static String dangling(Obj schema) {
    for (Obj condition : schema.obj("status").objs("conditions")) {
      if (condition.string("type").equals("Dangling")) {
        return condition.string("status");
      }
    }
    return "?";
  }

  private static Obj queuing(Obj level) {
    return level.at("spec", "limited", "limitResponse", "queuing");
  }

  private static String shown(Obj of, String key) {
    return of.get(key).map(String::valueOf).orElse(Cells.NONE);
  }

  private static Obj level(Obj spec) {
    return switch (spec.string("type")) {
      case "Exempt" ->
          spec.change(
              "exempt",
              exempt -> put(put(exempt, "nominalConcurrencyShares", 0L), "lendablePercent", 0L));
      case "Limited" -> Defaults.changed(spec, "limited", FlowKinds::limited);
      default -> spec;
    };
  }

  private static Obj limited(Obj given) {
    Obj limited = put(put(given, "nominalConcurrencyShares", 30L), "lendablePercent", 0L);
    return Defaults.changed(
        limited,
        "limitResponse",
        response ->
            Defaults.changed(
                response,
                "queuing",
                queuing ->
                    putNumber(
                        putNumber(putNumber(queuing, "queues", 64), "handSize", 8),
                        "queueLengthLimit",
                        50)));
  }
}
