package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.NameRule;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.ArrayList;
import java.util.List;

/** Roles and their bindings, of a namespace and of the cluster. */
final class RoleKinds {
  private static final String GROUP = "rbac.authorization.k8s.io";
  private static final Column CREATED =
      Column.text("Created At", (role, _) -> role.obj("metadata").string("creationTimestamp"));

  static final ResourceDefinition ROLE =
      ResourceDefinition.of(GROUP, "v1", "Role", "roles")
          .columns(Column.NAME, CREATED)
          .strategy(new Rules())
          .build();
  static final ResourceDefinition CLUSTER_ROLE =
      ResourceDefinition.of(GROUP, "v1", "ClusterRole", "clusterroles")
          .clusterScoped()
          .columns(Column.NAME, CREATED)
          .strategy(new Rules())
          .build();
  static final ResourceDefinition ROLE_BINDING =
      ResourceDefinition.of(GROUP, "v1", "RoleBinding", "rolebindings")
          .columns(bindingColumns())
          .strategy(new Binding(List.of("Role", "ClusterRole")))
          .build();
  static final ResourceDefinition CLUSTER_ROLE_BINDING =
      ResourceDefinition.of(GROUP, "v1", "ClusterRoleBinding", "clusterrolebindings")
          .clusterScoped()
          .columns(bindingColumns())
          .strategy(new Binding(List.of("ClusterRole")))
          .build();

  private RoleKinds() {}

  private static Column[] bindingColumns() {
    return new Column[] {
      Column.NAME,
      Column.text(
          "Role",
          (binding, _) -> {
            Obj role = binding.obj("roleRef");
            return role.string("kind") + "/" + role.string("name");
          }),
      Column.AGE,
      Column.wide("Users", (binding, _) -> subjects(binding, "User")),
      Column.wide("Groups", (binding, _) -> subjects(binding, "Group")),
      Column.wide("ServiceAccounts", (binding, _) -> subjects(binding, "ServiceAccount"))
    };
  }

  private static String subjects(Obj binding, String kind) {
    List<String> names = new ArrayList<>();
    for (Obj subject : binding.objs("subjects")) {
      if (subject.string("kind").equals(kind)) {
        String namespace = subject.string("namespace");
        names.add((namespace.isEmpty() ? "" : namespace + "/") + subject.string("name"));
      }
    }
    return String.join(", ", names);
  }

  /** What a role allows. */
  private static final class Rules implements Strategy {
    @Override
    public NameRule nameRule() {
      return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean createsOnUpdate() {
      return true;
    }

    @Override
    public Obj defaults(Obj role) {
      return Defaults.put(role, "rules", List.of());
    }

    @Override
    public void check(Obj role, Causes causes) {
      boolean namespaced = !role.obj("metadata").string("namespace").isEmpty();
      List<Obj> rules = role.objs("rules");
      for (int i = 0; i < rules.size(); i++) {
        rule(
            rules.get(i), "rules[" + i + "]", namespaced ? Scope.NAMESPACE : Scope.CLUSTER, causes);
      }
      List<Obj> selectors = role.obj("aggregationRule").objs("clusterRoleSelectors");
      if (role.has("aggregationRule") && selectors.isEmpty()) {
        causes.required(
            "aggregationRule.clusterRoleSelectors",
            "at least one clusterRoleSelector required if aggregationRule is non-nil");
      }
      for (int i = 0; i < selectors.size(); i++) {
        Labels.checkSelector(
            selectors.get(i), "aggregationRule.clusterRoleSelectors[" + i + "]", causes);
      }
    }

    private enum Scope {
      NAMESPACE,
      CLUSTER
    }

    private static void rule(Obj rule, String path, Scope scope, Causes causes) {
      if (rule.list("verbs").isEmpty()) {
        causes.required(path + ".verbs", "verbs must contain at least one value");
      }
      boolean urls = !rule.list("nonResourceURLs").isEmpty();
      if (urls && scope == Scope.NAMESPACE) {
        causes.invalid(
            path + ".nonResourceURLs",
            rule.list("nonResourceURLs"),
            "namespaced rules cannot apply to non-resource URLs");
      }
      if (urls) {
        boolean others = !rule.list("apiGroups").isEmpty() || !rule.list("resources").isEmpty();
        if (others || !rule.list("resourceNames").isEmpty()) {
          causes.invalid(
              path + ".nonResourceURLs",
              rule.list("nonResourceURLs"),
              "rules cannot apply to both regular resources and non-resource URLs");
        }
      } else {
        if (rule.list("apiGroups").isEmpty()) {
          causes.required(path + ".apiGroups", "resource rules must supply at least one api group");
        }
        if (rule.list("resources").isEmpty()) {
          causes.required(path + ".resources", "resource rules must supply at least one resource");
        }
      }
    }
  }

  /** Who has a role; which role is fixed. */
  private record Binding(List<String> roleKinds) implements Strategy {
    @Override
    public NameRule nameRule() {
      return NameRule.PATH_SEGMENT;
    }

    @Override
    public boolean createsOnUpdate() {
      return true;
    }

    @Override
    public Obj defaults(Obj binding) {
      Obj made = binding.change("roleRef", role -> Defaults.putText(role, "apiGroup", GROUP));
      return Defaults.changedItems(
          made,
          "subjects",
          subject ->
              List.of("Group", "User").contains(subject.string("kind"))
                  ? Defaults.putText(subject, "apiGroup", GROUP)
                  : subject);
    }

    @Override
    public void check(Obj binding, Causes causes) {
      Obj role = binding.obj("roleRef");
      if (!role.string("apiGroup").equals(GROUP)) {
        causes.notSupported("roleRef.apiGroup", role.string("apiGroup"), List.of(GROUP));
      }
      if (!roleKinds.contains(role.string("kind"))) {
        causes.notSupported("roleRef.kind", role.string("kind"), roleKinds);
      }
      Checks.name(NameRule.PATH_SEGMENT, role.string("name"), "roleRef.name", causes);
      Checks.each(
          binding.objs("subjects"), "subjects", (subject, at) -> subject(subject, at, causes));
    }

    private void subject(Obj subject, String path, Causes causes) {
      if (subject.string("name").isEmpty()) {
        causes.required(path + ".name", "");
      }
      String group = subject.string("apiGroup");
      switch (subject.string("kind")) {
        case "ServiceAccount" -> account(subject, path, causes);
        case "User", "Group" -> {
          if (!group.equals(GROUP)) {
            causes.notSupported(path + ".apiGroup", group, List.of(GROUP));
          }
        }
        default ->
            causes.notSupported(
                path + ".kind", subject.string("kind"), List.of("ServiceAccount", "User", "Group"));
      }
    }

    /** The account of a binding in a namespace is, where nothing else is said, of that one. */
    private void account(Obj subject, String path, Causes causes) {
      String name = subject.string("name");
      if (!name.isEmpty()) {
        Checks.name(NameRule.DNS_SUBDOMAIN, name, path + ".name", causes);
      }
      if (!subject.string("apiGroup").isEmpty()) {
        causes.notSupported(path + ".apiGroup", subject.string("apiGroup"), List.of(""));
      }
      boolean ofCluster = !roleKinds.contains("Role");
      if (ofCluster && subject.string("namespace").isEmpty()) {
        causes.required(path + ".namespace", "");
      }
    }

    @Override
    public void checkUpdate(Obj updated, Obj existing, Causes causes) {
      if (!updated.get("roleRef").equals(existing.get("roleRef"))) {
        causes.invalid("roleRef", updated.obj("roleRef"), "cannot change roleRef");
      }
    }
  }
}
