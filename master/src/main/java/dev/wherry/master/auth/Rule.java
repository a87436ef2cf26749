package dev.wherry.master.auth;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One rule of a role (rbac.authorization.k8s.io/v1 PolicyRule): these verbs on these resources, or
 * on these paths. {@code *} stands for all. Immutable.
 *
 * @param names of the objects; empty means any
 * @param paths that are no resources; one that ends with {@code *} stands for all that begin so
 */
public record Rule(
    List<String> verbs,
    List<String> groups,
    List<String> resources,
    List<String> names,
    List<String> paths) {
  static final String ALL = "*";

  public Rule {
    verbs = List.copyOf(verbs);
    groups = List.copyOf(groups);
    resources = List.copyOf(resources);
    names = List.copyOf(names);
    paths = List.copyOf(paths);
  }

  /** From an element of {@code rules}. */
  public static Rule of(Obj rule) {
    return new Rule(
        rule.strings("verbs"),
        rule.strings("apiGroups"),
        rule.strings("resources"),
        rule.strings("resourceNames"),
        rule.strings("nonResourceURLs"));
  }

  /** The rules of a Role or ClusterRole. */
  public static List<Rule> all(Obj role) {
    List<Rule> rules = new ArrayList<>();
    role.objs("rules").forEach(each -> rules.add(of(each)));
    return List.copyOf(rules);
  }

  /** As an element of {@code rules}. */
  public Obj tree() {
    return Obj.builder()
        .put("verbs", verbs)
        .putUnlessEmpty("apiGroups", groups)
        .putUnlessEmpty("resources", resources)
        .putUnlessEmpty("resourceNames", names)
        .putUnlessEmpty("nonResourceURLs", paths)
        .build();
  }

  /** Whether the rule lets this happen. */
  boolean allows(String verb, Attributes.Target target) {
    if (!has(verbs, verb)) {
      return false;
    }
    return switch (target) {
      case Attributes.Target.Path(String path) -> allowsPath(path);
      case Attributes.Target.Resource wanted ->
          has(groups, wanted.resource().group())
              && allowsResource(wanted.subresource(), wanted.path())
              && (names.isEmpty() || names.contains(wanted.key().name()));
    };
  }

  private boolean allowsResource(String subresource, String path) {
    for (String each : resources) {
      if (each.equals(ALL)
          || each.equals(path)
          || !subresource.isEmpty()
              && each.startsWith("*/")
              && each.substring(2).equals(subresource)) {
        return true;
      }
    }
    return false;
  }

  private boolean allowsPath(String path) {
    for (String each : paths) {
      if (each.equals(ALL)
          || each.equals(path)
          || each.endsWith(ALL) && path.startsWith(each.substring(0, each.length() - 1))) {
        return true;
      }
    }
    return false;
  }

  private static boolean has(List<String> list, String wanted) {
    return list.contains(wanted) || list.contains(ALL);
  }

  /** The smallest rules that together say the same: one verb on one thing each. */
  List<Rule> atoms() {
    List<Rule> atoms = new ArrayList<>();
    for (String verb : verbs) {
      for (String path : paths) {
        atoms.add(new Rule(List.of(verb), List.of(), List.of(), List.of(), List.of(path)));
      }
      for (String group : groups) {
        for (String resource : resources) {
          if (names.isEmpty()) {
            atoms.add(atom(verb, group, resource, List.of()));
          }
          for (String name : names) {
            atoms.add(atom(verb, group, resource, List.of(name)));
          }
        }
      }
    }
    return atoms;
  }

  private static Rule atom(String verb, String group, String resource, List<String> names) {
    return new Rule(List.of(verb), List.of(group), List.of(resource), names, List.of());
  }

  /**
   * {@link #atoms Atoms} with those of one thing in one rule, in the order of their texts: as
   * messages list them.
   */
  public static List<Rule> gathered(List<Rule> atoms) {
    Map<Rule, List<String>> verbs = new LinkedHashMap<>();
    for (Rule atom : atoms) {
      Rule thing = new Rule(List.of(), atom.groups, atom.resources, atom.names, atom.paths);
      verbs.computeIfAbsent(thing, _ -> new ArrayList<>()).addAll(atom.verbs);
    }
    List<Rule> gathered = new ArrayList<>();
    verbs.forEach(
        (thing, all) ->
            gathered.add(new Rule(all, thing.groups, thing.resources, thing.names, thing.paths)));
    gathered.sort(Comparator.comparing(Rule::toString));
    return gathered;
  }

  /** Whether this rule gives all that an {@link #atoms atom} gives. */
  boolean covers(Rule atom) {
    if (!has(verbs, atom.verbs().getFirst())) {
      return false;
    }
    if (!atom.paths().isEmpty()) {
      return allowsPath(atom.paths().getFirst());
    }
    String resource = atom.resources().getFirst();
    int slash = resource.indexOf('/');
    return has(groups, atom.groups().getFirst())
        && (resources.contains(ALL)
            || resources.contains(resource)
            || slash >= 0 && resources.contains(ALL + resource.substring(slash)))
        && (names.isEmpty() || !atom.names().isEmpty() && names.contains(atom.names().getFirst()));
  }

  /** As Kubernetes' messages write it. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("{");
    part(text, "APIGroups", groups);
    part(text, "Resources", resources);
    part(text, "ResourceNames", names);
    part(text, "NonResourceURLs", paths);
    part(text, "Verbs", verbs);
    return text.append('}').toString();
  }

  private static void part(StringBuilder text, String name, List<String> values) {
    if (values.isEmpty()) {
      return;
    }
    text.append(text.length() > 1 ? ", " : "").append(name).append(":[");
    for (int i = 0; i < values.size(); i++) {
      text.append(i > 0 ? " \"" : "\"").append(values.get(i)).append('"');
    }
    text.append(']');
  }
}
