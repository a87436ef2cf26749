package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putNumber;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.List;

/** How requests share the API server, as clients wish it: kept and shown, and not acted upon. */
final class FlowKinds {
  private static final String GROUP = "flowcontrol.apiserver.k8s.io";
  private static final long MAX_PRECEDENCE = 10_000;
  private static final long MAX_QUEUES = 10_000_000;

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
                      .withCheck(FlowKinds::checkSchema)
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
                      .withCheck(FlowKinds::checkLevel)
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

  private static void checkSchema(Obj schema, Causes causes) {
    Obj spec = schema.obj("spec");
    long precedence = spec.number("matchingPrecedence", 0);
    String path = "spec.matchingPrecedence";
    if (precedence <= 0) {
      causes.invalid(path, precedence, "must be a positive value");
    } else if (precedence > MAX_PRECEDENCE) {
      causes.invalid(path, precedence, "must not be greater than " + MAX_PRECEDENCE);
    } else if (precedence == 1 && !schema.obj("metadata").string("name").equals("exempt")) {
      causes.invalid(
          path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
    }
    if (levelName(schema).isEmpty()) {
      causes.required("spec.priorityLevelConfiguration.name", "must reference a priority level");
    }
    if (spec.has("distinguisherMethod")) {
      Checks.oneOf(
          spec.obj("distinguisherMethod"),
          "type",
          "spec.distinguisherMethod",
          List.of("ByNamespace", "ByUser"),
          causes);
    }
    List<Obj> rules = spec.objs("rules");
    for (int i = 0; i < rules.size(); i++) {
      rule(rules.get(i), "spec.rules[" + i + "]", causes);
    }
  }

  private static void rule(Obj rule, String path, Causes causes) {
    List<Obj> subjects = rule.objs("subjects");
    if (subjects.isEmpty()) {
      causes.required(path + ".subjects", "subjects must contain at least one value");
    }
    List<String> kinds = List.of("Group", "ServiceAccount", "User");
    for (int i = 0; i < subjects.size(); i++) {
      Checks.oneOf(subjects.get(i), "kind", path + ".subjects[" + i + "]", kinds, causes);
    }
    if (rule.list("resourceRules").isEmpty() && rule.list("nonResourceRules").isEmpty()) {
      causes.required(
          path, "at least one of resourceRules and nonResourceRules has to be non-empty");
    }
  }

  private static void checkLevel(Obj level, Causes causes) {
    Obj spec = level.obj("spec");
    String type = spec.string("type");
    switch (type) {
      case "Exempt" -> {
        if (spec.has("limited")) {
          causes.forbidden("spec.limited", "must be nil if the type is not Limited");
        }
      }
      case "Limited" -> {
        if (spec.has("exempt")) {
          causes.forbidden("spec.exempt", "must be nil if the type is Limited");
        }
        if (spec.has("limited")) {
          limits(spec.obj("limited"), causes);
        } else {
          causes.required("spec.limited", "must not be empty when type is Limited");
        }
      }
      default -> causes.notSupported("spec.type", type, List.of("Exempt", "Limited"));
    }
  }

  private static void limits(Obj limited, Causes causes) {
    if (limited.number("nominalConcurrencyShares", 0) < 0) {
      causes.invalid(
          "spec.limited.nominalConcurrencyShares",
          limited.number("nominalConcurrencyShares", 0),
          "must be a non-negative integer");
    }
    Checks.withinRange(limited, "lendablePercent", "spec.limited", 0, 100, causes);
    Obj response = limited.obj("limitResponse");
    String path = "spec.limited.limitResponse";
    switch (response.string("type")) {
      case "Reject" -> {
        if (response.has("queuing")) {
          causes.forbidden(
              path + ".queuing", "must be nil if limited.limitResponse.type is not Limited");
        }
      }
      case "Queue" -> {
        if (response.has("queuing")) {
          queues(response.obj("queuing"), path + ".queuing", causes);
        } else {
          causes.required(
              path + ".queuing", "must not be empty if limited.limitResponse.type is Limited");
        }
      }
      default ->
          causes.notSupported(path + ".type", response.string("type"), List.of("Queue", "Reject"));
    }
  }

  private static void queues(Obj queuing, String path, Causes causes) {
    long queues = queuing.number("queues", 0);
    long hand = queuing.number("handSize", 0);
    if (queuing.number("queueLengthLimit", 0) <= 0) {
      causes.invalid(
          path + ".queueLengthLimit", queuing.number("queueLengthLimit", 0), "must be positive");
    }
    if (queues <= 0) {
      causes.invalid(path + ".queues", queues, "must be positive");
    } else if (queues > MAX_QUEUES) {
      causes.invalid(path + ".queues", queues, "must not be greater than " + MAX_QUEUES);
    }
    if (hand <= 0) {
      causes.invalid(path + ".handSize", hand, "must be positive");
    } else if (hand > queues) {
      causes.invalid(
          path + ".handSize", hand, "should not be greater than queues (" + queues + ")");
    }
  }
}
