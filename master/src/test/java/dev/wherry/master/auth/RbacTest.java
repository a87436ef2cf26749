package dev.wherry.master.auth;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RbacTest {
  private static final RoleIndex ROLES = new RoleIndex();

  static {
    put(
        RoleIndex.CLUSTER_ROLES,
        "{'metadata':{'name':'all'},'rules':["
            + "{'verbs':['*'],'apiGroups':['*'],'resources':['*']},"
            + "{'verbs':['*'],'nonResourceURLs':['*']}]}");
    put(
        RoleIndex.CLUSTER_ROLES,
        "{'metadata':{'name':'reader'},'rules':["
            + "{'verbs':['get','list'],'apiGroups':[''],'resources':['pods','pods/log']},"
            + "{'verbs':['get'],'apiGroups':['apps'],'resources':['*/scale']},"
            + "{'verbs':['get'],'nonResourceURLs':['/metrics','/logs/*']}]}");
    put(
        RoleIndex.ROLES,
        "{'metadata':{'name':'one','namespace':'shop'},'rules':["
            + "{'verbs':['update','create'],'apiGroups':[''],'resources':['configmaps'],"
            + "'resourceNames':['settings']}]}");
    put(
        RoleIndex.CLUSTER_ROLE_BINDINGS,
        binding("", "all", "ClusterRole", "all", "{'kind':'Group','name':'admins'}"));
    put(
        RoleIndex.CLUSTER_ROLE_BINDINGS,
        binding("", "metrics", "ClusterRole", "reader", "{'kind':'User','name':'prometheus'}"));
    put(
        RoleIndex.ROLE_BINDINGS,
        binding(
            "shop",
            "readers",
            "ClusterRole",
            "reader",
            "{'kind':'User','name':'ann'},{'kind':'ServiceAccount','name':'web'}"));
    put(
        RoleIndex.ROLE_BINDINGS,
        binding("shop", "one", "Role", "one", "{'kind':'User','name':'ann'}"));
    put(
        RoleIndex.ROLE_BINDINGS,
        binding(
            "shop",
            "dangling",
            "Role",
            "nowhere",
            "{'kind':'Group','name':'system:authenticated'}"));
  }

  private static void put(GroupResource resource, String json) {
    ROLES.put(resource, Json.read(json.replace('\'', '"')));
  }

  private static String binding(
      String namespace, String name, String kind, String role, String subjects) {
    return "{'metadata':{'name':'%s','namespace':'%s'},'roleRef':{'kind':'%s','name':'%s'},'subjects':[%s]}"
        .formatted(name, namespace, kind, role, subjects);
  }

  @ParameterizedTest(name = "{0} {1}: {2} {3}/{4} {5} in {6}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          root       | admins | delete | apps | deployments       | x        | shop  | yes
          ann        | -      | get    | core | pods              | p        | shop  | yes
          ann        | -      | list   | core | pods/log          | p        | shop  | yes
          ann        | -      | get    | core | pods/exec         | p        | shop  | no
          ann        | -      | get    | core | pods              | p        | other | no
          ann        | -      | list   | core | pods              | -        | -     | no
          ann        | -      | watch  | core | pods              | p        | shop  | no
          ann        | -      | get    | apps | deployments/scale | web      | shop  | yes
          ann        | -      | get    | apps | deployments       | web      | shop  | no
          ann        | -      | update | core | configmaps        | settings | shop  | yes
          ann        | -      | update | core | configmaps        | other    | shop  | no
          ann        | -      | create | core | configmaps        | -        | shop  | no
          bob        | -      | get    | core | pods              | p        | shop  | no
          prometheus | -      | get    | core | pods              | p        | other | yes
          system:serviceaccount:shop:web  | - | get | core | pods | p        | shop  | yes
          system:serviceaccount:other:web | - | get | core | pods | p        | shop  | no
          system:serviceaccount:shop:we   | - | get | core | pods | p        | shop  | no
          """)
  void decides(
      String user,
      String group,
      String verb,
      String apiGroup,
      String path,
      String name,
      String namespace,
      String expected) {
    String[] parts = path.split("/", 2);
    Attributes wanted =
        new Attributes(
            user,
            group == null ? List.of() : List.of(group),
            verb,
            new GroupResource(apiGroup.equals("core") ? "" : apiGroup, parts[0]),
            parts.length > 1 ? parts[1] : "",
            new ObjectKey(namespace == null ? "" : namespace, name == null ? "" : name));
    assertThat(new Rbac(ROLES).decide(wanted).isAllowed()).isEqualTo(expected.equals("yes"));
  }

  @ParameterizedTest(name = "{0} get {1}")
  @CsvSource({
    "prometheus, /metrics, true",
    "prometheus, /metrics/slis, false",
    "prometheus, /logs/kern, true",
    "prometheus, /logs, false",
    "ann, /metrics, false", // a binding in a namespace gives no paths
  })
  void decidesPaths(String user, String path, boolean allowed) {
    Attributes wanted = new Attributes(user, List.of(), "get", new Attributes.Target.Path(path));
    assertThat(new Rbac(ROLES).decide(wanted).isAllowed()).isEqualTo(allowed);
  }

  @Test
  void saysByWhoseLeave() {
    Attributes wanted =
        new Attributes("ann", List.of(), "get", GroupResource.PODS, "", new ObjectKey("shop", "p"));
    assertThat(new Rbac(ROLES).decide(wanted))
        .isEqualTo(
            new Decision.Allowed(
                "RBAC: allowed by RoleBinding \"readers/shop\" of ClusterRole \"reader\" to User"
                    + " \"ann\""));
  }

  @Test
  void forgetsWhatIsRemoved() {
    RoleIndex roles = new RoleIndex();
    Obj role =
        Json.read(
            "{\"metadata\":{\"name\":\"r\"},\"rules\":[{\"verbs\":[\"*\"],\"apiGroups\":[\"*\"],\"resources\":[\"*\"]}]}");
    Obj binding =
        Json.read(
            binding("", "b", "ClusterRole", "r", "{'kind':'User','name':'u'}").replace('\'', '"'));
    roles.put(RoleIndex.CLUSTER_ROLES, role);
    roles.put(RoleIndex.CLUSTER_ROLE_BINDINGS, binding);
    Attributes wanted =
        new Attributes("u", List.of(), "get", GroupResource.PODS, "", new ObjectKey("a", "p"));
    assertThat(new Rbac(roles).decide(wanted).isAllowed()).isTrue();
    roles.remove(RoleIndex.CLUSTER_ROLE_BINDINGS, new ObjectKey("", "b"));
    assertThat(new Rbac(roles).decide(wanted).isAllowed()).isFalse();
  }

  @ParameterizedTest(name = "{0} over {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          get,list : core : pods           | get : core : pods             | true
          get : core : pods                | get,list : core : pods        | false
          * : * : *                        | delete : apps : deployments   | true
          get : core : pods                | get : core : pods/log         | false
          get : core : *                   | get : core : pods/log         | true
          get : * : */scale                | get : apps : deployments/scale | true
          get : core : pods                | get : core : pods : p         | true
          get : core : pods : p            | get : core : pods             | false
          get : core : pods : p,q          | get : core : pods : q         | true
          get : core,apps : pods           | get : batch : pods            | false
          * : core : pods                  | * : core : pods               | true
          get,list,watch : core : pods     | * : core : pods               | false
          """)
  void knowsWhatIsHeld(String owned, String wanted, boolean covered) {
    assertThat(Rbac.uncovered(List.of(rule(owned)), List.of(rule(wanted))).isEmpty())
        .isEqualTo(covered);
  }

  private static Rule rule(String text) {
    String[] parts = text.split(" : ");
    List<String> groups =
        List.of(parts[1].split(",")).stream().map(each -> each.equals("core") ? "" : each).toList();
    return new Rule(
        List.of(parts[0].split(",")),
        groups,
        List.of(parts[2].split(",")),
        parts.length > 3 ? List.of(parts[3].split(",")) : List.of(),
        List.of());
  }

  @Test
  void readsTheDefaultRoles() {
    DefaultRoles defaults = DefaultRoles.read();
    RoleIndex roles = new RoleIndex();
    defaults
        .objects()
        .forEach((resource, objects) -> objects.forEach(each -> roles.put(resource, each)));
    Rbac rbac = new Rbac(roles);
    List<String> anonymous = List.of("system:unauthenticated");
    assertThat(
            rbac.decide(
                    new Attributes("a", anonymous, "get", new Attributes.Target.Path("/version")))
                .isAllowed())
        .isTrue();
    assertThat(
            rbac.decide(new Attributes("a", anonymous, "get", new Attributes.Target.Path("/api")))
                .isAllowed())
        .isFalse();
    // Every binding names a role that is there.
    defaults
        .objects()
        .forEach(
            (_, objects) ->
                objects.stream()
                    .filter(each -> each.has("roleRef"))
                    .forEach(
                        each -> {
                          Binding binding = Binding.of(each);
                          assertThat(roles.rules(binding.role(), binding.namespace()))
                              .as(binding.toString())
                              .isNotEmpty();
                        }));
  }

  @ParameterizedTest(name = "{0} {1}: {2} {3}/{4}")
  @CsvSource(
      delimiter = '|',
      nullValues = "-",
      textBlock =
          """
          m    | system:monitoring      | get    | core                | nodes/metrics                  | yes
          m    | system:monitoring      | list   | core                | nodes                          | no
          a    | system:serviceaccounts | list   | certificates.k8s.io | clustertrustbundles            | yes
          a    | system:serviceaccounts | create | certificates.k8s.io | clustertrustbundles            | no
          system:kube-proxy     | - | watch  | networking.k8s.io   | servicecidrs                   | yes
          system:kube-scheduler | - | create | coordination.k8s.io | leasecandidates                | yes
          system:kube-scheduler | - | create | resource.k8s.io     | resourceclaims                 | yes
          system:kube-scheduler | - | get    | resource.k8s.io     | resourceclaims/status          | yes
          system:kube-scheduler | - | delete | resource.k8s.io     | resourceclaims/status          | no
          system:serviceaccount:kube-system:pvc-protection-controller | - | update | core | persistentvolumeclaims/status | yes
          """)
  void letsDefaultRolesDoWhatKubernetesLets(
      String user, String group, String verb, String apiGroup, String path, String expected) {
    RoleIndex roles = new RoleIndex();
    DefaultRoles.read()
        .objects()
        .forEach((resource, objects) -> objects.forEach(each -> roles.put(resource, each)));
    String[] parts = path.split("/", 2);
    Attributes wanted =
        new Attributes(
            user,
            group == null ? List.of() : List.of(group),
            verb,
            new GroupResource(apiGroup.equals("core") ? "" : apiGroup, parts[0]),
            parts.length > 1 ? parts[1] : "",
            new ObjectKey("default", "x"));
    assertThat(new Rbac(roles).decide(wanted).isAllowed()).isEqualTo(expected.equals("yes"));
  }

  @Test
  void givesDefaultRolesBackWhatTheyLack() {
    Obj wanted =
        DefaultRoles.read().objects().getOrDefault(RoleIndex.CLUSTER_ROLES, List.of()).stream()
            .filter(each -> each.obj("metadata").string("name").equals("system:basic-user"))
            .findFirst()
            .orElseThrow();
    assertThat(RoleUpdate.of(wanted, wanted)).isEmpty();
    Obj emptied = wanted.with("rules", List.of());
    assertThat(RoleUpdate.of(wanted, emptied)).isPresent();
    assertThat(
            Rbac.uncovered(
                Rule.all(RoleUpdate.of(wanted, emptied).orElseThrow()), Rule.all(wanted)))
        .isEmpty();
    Obj kept = emptied.withAt("false", "metadata", "annotations", DefaultRoles.AUTO_UPDATE);
    assertThat(RoleUpdate.of(wanted, kept)).isEmpty();
  }

  @Test
  void gathersWhatIsMissingByTheThing() {
    Rule wanted =
        new Rule(
            List.of("list", "get"), List.of(""), List.of("pods", "events"), List.of(), List.of());
    assertThat(Rule.gathered(Rbac.uncovered(List.of(), List.of(wanted))))
        .extracting(Rule::toString)
        .containsExactly(
            "{APIGroups:[\"\"], Resources:[\"events\"], Verbs:[\"list\" \"get\"]}",
            "{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"list\" \"get\"]}");
  }
}
