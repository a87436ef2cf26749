package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Manifests.changes;
import static dev.wherry.master.registry.kinds.Manifests.complaints;
import static dev.wherry.master.registry.kinds.Manifests.defaulted;
import static dev.wherry.master.registry.kinds.Manifests.json;
import static dev.wherry.master.registry.kinds.Manifests.kind;
import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Obj;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Roles and bindings that are bad, or just good enough. */
class RoleKindsTest {
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      textBlock =
          """
          roles | 'rules':[{'verbs':['get'],'apiGroups':[''],'resources':['pods'],'resourceNames':['x']}] | ^^
          roles | 'rules':[{}] | rules[0].verbs: Required value: verbs must contain at least one value; rules[0].apiGroups: Required value: resource rules must supply at least one api group; rules[0].resources: Required value: resource rules must supply at least one resource
          roles | 'rules':[{'verbs':['get'],'nonResourceURLs':['/x'],'apiGroups':['']}] | rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs; rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs
          rolebindings | 'roleRef':{'kind':'Some','name':'r'} | roleRef.kind: Unsupported value: "Some": supported values: "Role", "ClusterRole"
          rolebindings | 'roleRef':{'kind':'Role'} | roleRef.name: Required value
          rolebindings | 'subjects':[] | roleRef.kind: Unsupported value: "": supported values: "Role", "ClusterRole"; roleRef.name: Required value
          rolebindings | 'roleRef':{'kind':'Role','name':'a/b'} | roleRef.name: Invalid value: "a/b": may not contain '/'
          rolebindings | 'roleRef':{'apiGroup':'a.b','kind':'Role','name':'r'} | roleRef.apiGroup: Unsupported value: "a.b": supported values: "rbac.authorization.k8s.io"
          rolebindings | 'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'ServiceAccount','name':'s'}] | ^^
          rolebindings | 'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'ServiceAccount','name':'A','apiGroup':'x'}] | subjects[0].name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'); subjects[0].apiGroup: Unsupported value: "x": supported values: ""
          rolebindings | 'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'User','name':'A b','apiGroup':'x'}] | subjects[0].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"
          rolebindings | 'roleRef':{'kind':'Role','name':'r'},'subjects':[{'kind':'Group'}] | subjects[0].name: Required value
          """)
  void checks(String resource, String members, String complaint) {
    Obj object = json("{'metadata':{'name':'x','namespace':'default'}," + members + "}");
    assertThat(String.join("; ", complaints(kind(resource + ".rbac.authorization.k8s.io"), object)))
        .isEqualTo(complaint);
  }

  @Test
  void fillsInTheGroupOfUsersAndGroups() {
    Obj binding =
        json("{'subjects':[{'kind':'User'},{'kind':'Group'},{'kind':'ServiceAccount'},{}]}");
    assertThat(defaulted(kind("rolebindings.rbac.authorization.k8s.io"), binding).objs("subjects"))
        .extracting(subject -> subject.string("apiGroup"))
        .containsExactly("rbac.authorization.k8s.io", "rbac.authorization.k8s.io", "", "");
  }

  @Test
  void keepsTheRoleAndLetsSubjectsChange() {
    Obj before = json("{'roleRef':{'kind':'Role','name':'a'},'subjects':[]}");
    Obj after = json("{'roleRef':{'kind':'Role','name':'a'},'subjects':[{'kind':'User'}]}");
    assertThat(changes(kind("rolebindings.rbac.authorization.k8s.io"), before, after)).isEmpty();
  }
}
