package dev.wherry.master.auth;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Role-based access control as Kubernetes documents it: what is not allowed by a binding of the
 * cluster or of the request's namespace is not allowed. Pure, over the roles as they are.
 */
public record Rbac(Roles roles) implements Authorizer {

  @Override
  public Decision decide(Attributes wanted) {
    Optional<Decision> allowed = allowed("", wanted);
    if (allowed.isEmpty() && !wanted.namespace().isEmpty()) {
      allowed = allowed(wanted.namespace(), wanted);
    }
    return allowed.orElseGet(
        () ->
            new Decision.Denied(
                missing(wanted.user(), wanted.groups(), wanted.namespace())
                    .map(why -> "RBAC: " + why)
                    .orElse("")));
  }

  /** Which roles the user is bound to and are not there; empty when none. */
  public Optional<String> missing(String user, List<String> groups, String namespace) {
    Set<String> missing = new TreeSet<>();
    for (String place : new TreeSet<>(List.of("", namespace))) {
      for (Binding binding : roles.bindings(place)) {
        Binding.RoleRef role = binding.role();
        if (!roles.has(role, place) && binding.subject(user, groups).isPresent()) {
          String kind = role.kind().toLowerCase(Locale.ROOT) + "." + RoleIndex.GROUP;
          missing.add(kind + " \"" + role.name() + "\" not found");
        }
      }
    }
    return switch (missing.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of(missing.iterator().next());
      default -> Optional.of("[" + String.join(", ", missing) + "]");
    };
  }

  private Optional<Decision> allowed(String namespace, Attributes wanted) {
    for (Binding binding : roles.bindings(namespace)) {
      Optional<Binding.Subject> subject = binding.subject(wanted.user(), wanted.groups());
      if (subject.isEmpty()) {
        continue;
      }
      for (Rule rule : roles.rules(binding.role(), namespace)) {
        if (rule.allows(wanted.verb(), wanted.target())) {
          return Optional.of(new Decision.Allowed(reason(binding, subject.get())));
        }
      }
    }
    return Optional.empty();
  }

  private static String reason(Binding binding, Binding.Subject subject) {
    Binding.RoleRef role = binding.role();
    String place = role.kind().equals("Role") ? "/" + binding.namespace() : "";
    return "RBAC: allowed by "
        + binding
        + " of "
        + role.kind()
        + " \""
        + role.name()
        + place
        + "\" to "
        + subject;
  }

  /** What the user may do in this namespace, or in the cluster where it is empty. */
  public List<Rule> rules(String user, List<String> groups, String namespace) {
    Set<Rule> rules = new LinkedHashSet<>();
    gather(rules, "", user, groups);
    if (!namespace.isEmpty()) {
      gather(rules, namespace, user, groups);
    }
    return List.copyOf(rules);
  }

  private void gather(Set<Rule> rules, String namespace, String user, List<String> groups) {
    for (Binding binding : roles.bindings(namespace)) {
      if (binding.subject(user, groups).isPresent()) {
        rules.addAll(roles.rules(binding.role(), namespace));
      }
    }
  }

  /**
   * What the wanted rules give beyond the owned ones: nobody may grant what they do not hold. Empty
   * when they give nothing more.
   */
  public static List<Rule> uncovered(List<Rule> owned, List<Rule> wanted) {
    List<Rule> missing = new ArrayList<>();
    for (Rule rule : wanted) {
      for (Rule atom : rule.atoms()) {
        if (owned.stream().noneMatch(each -> each.covers(atom)) && !missing.contains(atom)) {
          missing.add(atom);
        }
      }
    }
    return missing;
  }
}
