package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.List;

/** What flow schemas must be like, in Kubernetes' words. Pure. */
final class FlowSchemaChecks {
  private static final long MAX_PRECEDENCE = 10_000;
  private static final List<String> METHODS = List.of("ByNamespace", "ByUser");
  private static final List<String> SUBJECTS = List.of("Group", "ServiceAccount", "User");
  private static final List<String> VERBS =
      List.of(
          "create",
          "delete",
          "deletecollection",
          "get",
          "list",
          "patch",
          "proxy",
          "update",
          "watch");

  private FlowSchemaChecks() {}

  static void check(Obj schema, Causes causes) {
    Obj spec = schema.obj("spec");
    String name = schema.obj("metadata").string("name");
    precedence(spec.number("matchingPrecedence", 0), name, causes);
    Obj method = spec.obj("distinguisherMethod");
    if (spec.has("distinguisherMethod") && !METHODS.contains(method.string("type"))) {
      causes.notSupported("spec.distinguisherMethod.type", method, METHODS);
    }
    String level = spec.obj("priorityLevelConfiguration").string("name");
    if (level.isEmpty()) {
      causes.required("spec.priorityLevelConfiguration.name", "must reference a priority level");
    } else {
      Checks.name(NameRule.DNS_SUBDOMAIN, level, "spec.priorityLevelConfiguration.name", causes);
    }
    Checks.each(spec.objs("rules"), "spec.rules", (rule, at) -> rule(rule, at, causes));
    DefaultFlows.fixedSchema(name)
        .filter(fixed -> !fixed.equals(spec))
        .ifPresent(
            _ -> causes.invalid("spec", spec, "spec of '" + name + "' must equal the fixed value"));
  }

  private static void precedence(long precedence, String name, Causes causes) {
    String path = "spec.matchingPrecedence";
    if (precedence <= 0) {
      causes.invalid(path, precedence, "must be a positive value");
    } else if (precedence > MAX_PRECEDENCE) {
      causes.invalid(path, precedence, "must not be greater than " + MAX_PRECEDENCE);
    } else if (precedence == 1 && !name.equals("exempt")) {
      causes.invalid(
          path, precedence, "only the schema named 'exempt' may have matchingPrecedence 1");
    }
  }

  private static void rule(Obj rule, String path, Causes causes) {
    List<Obj> subjects = rule.objs("subjects");
    if (subjects.isEmpty()) {
      causes.required(path + ".subjects", "subjects must contain at least one value");
    }
    Checks.each(subjects, path + ".subjects", (subject, at) -> subject(subject, at, causes));
    if (rule.list("resourceRules").isEmpty() && rule.list("nonResourceRules").isEmpty()) {
      causes.required(
          path, "at least one of resourceRules and nonResourceRules has to be non-empty");
    }
    Checks.each(
        rule.objs("resourceRules"), path + ".resourceRules", (of, at) -> resources(of, at, causes));
    Checks.each(
        rule.objs("nonResourceRules"),
        path + ".nonResourceRules",
        (of, at) -> urls(of, at, causes));
  }

  private static void subject(Obj subject, String path, Causes causes) {
    String kind = subject.string("kind");
    if (!SUBJECTS.contains(kind)) {
      causes.notSupported(path + ".kind", kind, SUBJECTS);
      return;
    }
    String own = member(kind);
    if (!subject.has(own)) {
      causes.required(path + "." + own, own + " is required when subject kind is '" + kind + "'");
    } else if (kind.equals("ServiceAccount")) {
      account(subject.obj(own), path + "." + own, causes);
    } else {
      Checks.required(subject.obj(own), path + "." + own, causes, "name");
    }
    for (String other : List.of("ServiceAccount", "User", "Group")) {
      String member = member(other);
      if (!other.equals(kind) && subject.has(member)) {
        causes.forbidden(
            path + "." + member, member + " is forbidden when subject kind is not '" + other + "'");
      }
    }
  }

  private static String member(String kind) {
    return Character.toLowerCase(kind.charAt(0)) + kind.substring(1);
  }

  private static void account(Obj account, String path, Causes causes) {
    String name = account.string("name");
    if (!name.equals("*")) {
      Checks.name(NameRule.DNS_SUBDOMAIN, name, path + ".name", causes);
    }
    String namespace = account.string("namespace");
    if (namespace.isEmpty()) {
      causes.required(path + ".namespace", "must specify namespace for service account");
    } else {
      Checks.name(NameRule.DNS_LABEL, namespace, path + ".namespace", causes);
    }
  }

  private static void resources(Obj rule, String path, Causes causes) {
    verbs(rule.strings("verbs"), path + ".verbs", causes);
    some(rule.strings("apiGroups"), path + ".apiGroups", "api group", causes);
    some(rule.strings("resources"), path + ".resources", "resource", causes);
    namespaces(rule, path + ".namespaces", causes);
  }

  private static void some(List<String> values, String path, String what, Causes causes) {
    if (values.isEmpty()) {
      causes.required(path, "resource rules must supply at least one " + what);
    } else {
      alone(values, path, what + "s", causes);
    }
  }

  /** Complains of others beside the star, which stands for all. */
  private static void alone(List<String> values, String path, String others, Causes causes) {
    if (values.size() > 1 && values.contains("*")) {
      causes.invalid(path, values, "if '*' is present, must not specify other " + others);
    }
  }

  private static void namespaces(Obj rule, String path, Causes causes) {
    List<String> namespaces = rule.strings("namespaces");
    if (namespaces.isEmpty() && !rule.flag("clusterScope")) {
      causes.required(
          path, "resource rules that are not cluster scoped must supply at least one namespace");
    } else if (namespaces.contains("*")) {
      alone(namespaces, path, "namespaces", causes);
    } else {
      for (int i = 0; i < namespaces.size(); i++) {
        String at = path + "[" + i + "]";
        String namespace = namespaces.get(i);
        NameRule.DNS_LABEL
            .complaint(namespace)
            .ifPresent(
                complaint ->
                    causes.invalid(
                        at,
                        namespace,
                        "each member of this list must be '*' or a DNS-1123 label; " + complaint));
      }
    }
  }

  private static void verbs(List<String> verbs, String path, Causes causes) {
    if (verbs.isEmpty()) {
      causes.required(path, "verbs must contain at least one value");
    } else if (verbs.contains("*")) {
      alone(verbs, path, "verbs", causes);
    } else if (!VERBS.containsAll(verbs)) {
      causes.notSupported(path, verbs, VERBS);
    }
  }

  private static void urls(Obj rule, String path, Causes causes) {
    verbs(rule.strings("verbs"), path + ".verbs", causes);
    List<String> urls = rule.strings("nonResourceURLs");
    String at = path + ".nonResourceURLs";
    if (urls.isEmpty()) {
      causes.required(at, "nonResourceURLs must contain at least one value");
    } else if (urls.contains("*")) {
      alone(urls, at, "non-resource URLs", causes);
    } else {
      for (int i = 0; i < urls.size(); i++) {
        url(urls.get(i), at + "[" + i + "]", causes);
      }
    }
  }

  private static void url(String url, String path, Causes causes) {
    int star = url.indexOf('*');
    String complaint = "";
    if (url.isEmpty()) {
      complaint = "must not be empty";
    } else if (!url.startsWith("/")) {
      complaint = "must start with slash";
    } else if (url.contains(" ")) {
      complaint = "must not contain white-space";
    } else if (url.contains("//")) {
      complaint = "must not contain double slash";
    } else if (star >= 0 && !(url.endsWith("/*") && star == url.length() - 1)) {
      complaint = "wildcard can only do suffix matching";
    }
    if (!complaint.isEmpty()) {
      causes.invalid(path, url, complaint);
    }
  }
}
