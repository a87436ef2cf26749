package dev.wherry.master.audit;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.Attributes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What is recorded (audit.k8s.io/v1 Policy): the first rule that a request matches says how much of
 * it; of what matches none nothing is recorded. Immutable.
 */
public record AuditPolicy(List<AuditRule> rules) {
  private static final String DEFAULT = "default-policy.json";
  private static final Set<String> POLICY_FIELDS =
      Set.of("apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields");
  private static final Set<String> RULE_FIELDS =
      Set.of(
          "level",
          "users",
          "userGroups",
          "verbs",
          "resources",
          "namespaces",
          "nonResourceURLs",
          "omitStages",
          "omitManagedFields");

  /** Whether recorded objects keep {@code metadata.managedFields}. */
  enum ManagedFields {
    KEPT,
    OMITTED
  }

  /**
   * How a request is recorded.
   *
   * @param omitted stages of which there is no event
   */
  record Decision(Level level, Set<Stage> omitted, ManagedFields managedFields) {
    static final Decision NOTHING = new Decision(Level.NONE, Set.of(), ManagedFields.KEPT);

    Decision {
      omitted = Set.copyOf(omitted);
    }
  }

  public AuditPolicy {
    rules = List.copyOf(rules);
  }

  Decision decide(Attributes wanted) {
    for (AuditRule rule : rules) {
      if (rule.matches(wanted)) {
        return rule.decision();
      }
    }
    return Decision.NOTHING;
  }

  /**
   * What is recorded where the user says nothing else: metadata of what clients do, without what
   * repeats itself all day long (docs/access.md).
   */
  public static AuditPolicy standard() {
    try (InputStream in =
        Objects.requireNonNull(AuditPolicy.class.getResourceAsStream(DEFAULT), DEFAULT)) {
      return parse(Json.read(in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a policy.
   *
   * @throws IllegalArgumentException with a message for the user when it is none
   */
  public static AuditPolicy parse(Obj policy) {
    if (!policy.string("apiVersion").equals("audit.k8s.io/v1")
        || !policy.string("kind").equals("Policy")) {
      throw new IllegalArgumentException(
          "expected apiVersion audit.k8s.io/v1 and kind Policy, not \"%s\" and \"%s\""
              .formatted(policy.string("apiVersion"), policy.string("kind")));
    }
    requireKnown(policy, POLICY_FIELDS, "");
    List<Obj> rules = policy.objs("rules");
    if (rules.isEmpty()) {
      throw new IllegalArgumentException("rules: Required value: a policy has at least one");
    }
    List<AuditRule> parsed = new ArrayList<>();
    for (int i = 0; i < rules.size(); i++) {
      parsed.add(rule(rules.get(i), policy, "rules[" + i + "]"));
    }
    return new AuditPolicy(parsed);
  }

  private static AuditRule rule(Obj rule, Obj policy, String field) {
    requireKnown(rule, RULE_FIELDS, field + ".");
    String name = rule.string("level");
    Level level =
        Level.of(name)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        field
                            + ".level: Unsupported value: \""
                            + name
                            + "\": supported values: \"None\", \"Metadata\", \"Request\","
                            + " \"RequestResponse\""));
    boolean omits = rule.flag("omitManagedFields", policy.flag("omitManagedFields"));
    AuditPolicy.Decision decision =
        new Decision(
            level,
            AuditRule.union(stages(policy, "omitStages"), stages(rule, field + ".omitStages")),
            omits ? ManagedFields.OMITTED : ManagedFields.KEPT);
    List<String> paths = rule.strings("nonResourceURLs");
    if (!paths.isEmpty()
        && !(rule.list("resources").isEmpty() && rule.list("namespaces").isEmpty())) {
      throw new IllegalArgumentException(
          field
              + ".nonResourceURLs: Invalid value: rules cannot apply to both regular resources and"
              + " non-resource URLs");
    }
    paths.forEach(path -> checkPath(path, field));
    return new AuditRule(
        decision,
        rule.strings("users"),
        rule.strings("userGroups"),
        rule.strings("verbs"),
        resources(rule, field),
        rule.strings("namespaces"),
        paths);
  }

  private static void checkPath(String path, String field) {
    boolean good =
        path.equals("*")
            || path.startsWith("/") && !path.substring(0, path.length() - 1).contains("*");
    if (!good) {
      throw new IllegalArgumentException(
          field
              + ".nonResourceURLs: Invalid value: \""
              + path
              + "\": it must begin with '/', and '*' may stand at its end alone");
    }
  }

  private static List<AuditRule.Resources> resources(Obj rule, String field) {
    List<AuditRule.Resources> all = new ArrayList<>();
    for (Obj each : rule.objs("resources")) {
      requireKnown(each, Set.of("group", "resources", "resourceNames"), field + ".resources.");
      List<String> names = each.strings("resourceNames");
      if (!names.isEmpty() && each.list("resources").isEmpty()) {
        throw new IllegalArgumentException(
            field
                + ".resources.resourceNames: Invalid value: using resourceNames requires at least"
                + " one resource");
      }
      all.add(new AuditRule.Resources(each.string("group"), each.strings("resources"), names));
    }
    return all;
  }

  private static Set<Stage> stages(Obj holder, String field) {
    Set<Stage> stages = new HashSet<>();
    for (String each : holder.strings("omitStages")) {
      stages.add(
          Stage.of(each)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          field + ": Unsupported value: \"" + each + "\"")));
    }
    return stages;
  }

  private static void requireKnown(Obj object, Set<String> known, String prefix) {
    for (Obj.Entry each : object) {
      if (!known.contains(each.key())) {
        throw new IllegalArgumentException("unknown field \"" + prefix + each.key() + "\"");
      }
    }
  }
}
