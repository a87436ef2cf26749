package dev.wherry.master.audit;

import dev.wherry.master.auth.Attributes;
import java.util.List;
import java.util.Set;

/**
 * One rule of a policy (audit.k8s.io/v1 PolicyRule): the requests that it is about and how much of
 * them is recorded. A list that is empty is about all. Immutable.
 *
 * @param namespaces the empty string stands for what is in none
 * @param paths that are no resources; {@code *} at the end stands for any rest
 */
record AuditRule(
    AuditPolicy.Decision decision,
    List<String> users,
    List<String> userGroups,
    List<String> verbs,
    List<Resources> resources,
    List<String> namespaces,
    List<String> paths) {

  /**
   * Resources of a group.
   *
   * @param resources {@code pods}, {@code pods/log}, {@code pods/*}, {@code *}{@code /scale},
   *     {@code *}; empty for all
   * @param names of objects; empty for all
   */
  record Resources(String group, List<String> resources, List<String> names) {
    Resources {
      resources = List.copyOf(resources);
      names = List.copyOf(names);
    }

    private boolean match(Attributes.Target.Resource wanted) {
      return group.equals(wanted.resource().group())
          && (names.isEmpty() || names.contains(wanted.key().name()))
          && (resources.isEmpty() || resources.stream().anyMatch(each -> matches(each, wanted)));
    }

    private static boolean matches(String pattern, Attributes.Target.Resource wanted) {
      String subresource = wanted.subresource();
      return pattern.equals("*")
          || pattern.equals(wanted.path())
          || !subresource.isEmpty()
              && (pattern.equals("*/" + subresource)
                  || pattern.equals(wanted.resource().resource() + "/*"));
    }
  }

  AuditRule {
    users = List.copyOf(users);
    userGroups = List.copyOf(userGroups);
    verbs = List.copyOf(verbs);
    resources = List.copyOf(resources);
    namespaces = List.copyOf(namespaces);
    paths = List.copyOf(paths);
  }

  boolean matches(Attributes wanted) {
    return among(users, wanted.user())
        && (userGroups.isEmpty() || !java.util.Collections.disjoint(userGroups, wanted.groups()))
        && among(verbs, wanted.verb())
        && matches(wanted.target());
  }

  private boolean matches(Attributes.Target target) {
    return switch (target) {
      case Attributes.Target.Path(String path) ->
          resources.isEmpty()
              && namespaces.isEmpty()
              && (paths.isEmpty() || paths.stream().anyMatch(each -> matches(each, path)));
      case Attributes.Target.Resource wanted ->
          paths.isEmpty()
              && among(namespaces, wanted.key().namespace())
              && (resources.isEmpty() || resources.stream().anyMatch(each -> each.match(wanted)));
    };
  }

  private static boolean matches(String pattern, String path) {
    return pattern.endsWith("*")
        ? path.startsWith(pattern.substring(0, pattern.length() - 1))
        : pattern.equals(path);
  }

  private static boolean among(List<String> list, String wanted) {
    return list.isEmpty() || list.contains(wanted);
  }

  /** What an event may leave out. */
  static Set<Stage> union(Set<Stage> some, Set<Stage> others) {
    Set<Stage> all = new java.util.HashSet<>(some);
    all.addAll(others);
    return Set.copyOf(all);
  }
}
