package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The priority levels and flow schemas that every cluster has, as they are to be created
 * (Kubernetes, API Priority and Fairness, defaults): two of each that nobody may change, and those
 * that are suggested. Pure.
 */
public final class DefaultFlows {
  /** {@code false} on an object says that its spec is to stay as its user made it. */
  public static final String AUTO_UPDATE = "apf.kubernetes.io/autoupdate-spec";

  private static final Set<String> MANDATORY = Set.of("catch-all", "exempt");
  private static final String BY_USER = "ByUser";
  private static final String BY_NAMESPACE = "ByNamespace";
  private static final String ALL = "*";

  public static final List<Obj> PRIORITY_LEVELS =
      List.of(
          level(
              "exempt",
              Obj.of(
                  "type",
                  "Exempt",
                  "exempt",
                  Obj.of("nominalConcurrencyShares", 0L, "lendablePercent", 0L))),
          level("catch-all", limited(5, 0, Obj.of("type", "Reject"))),
          level("system", limited(30, 33, queues(64, 6))),
          level("node-high", limited(40, 25, queues(64, 6))),
          level("leader-election", limited(10, 0, queues(16, 4))),
          level("workload-high", limited(40, 50, queues(128, 6))),
          level("workload-low", limited(100, 90, queues(128, 6))),
          level("global-default", limited(20, 50, queues(128, 6))));

  public static final List<Obj> FLOW_SCHEMAS = flowSchemas();

  private DefaultFlows() {}

  private static List<Obj> flowSchemas() {
    List<Obj> all = new ArrayList<>();
    List<Obj> everybody = groups("system:unauthenticated", "system:authenticated");
    List<Obj> nodes = groups("system:nodes");
    List<Obj> systemAccounts = accounts(ALL);
    List<Obj> managerAndScheduler =
        users("system:kube-controller-manager", "system:kube-scheduler");
    List<Obj> manager = managerAndScheduler.subList(0, 1);
    List<Obj> scheduler = managerAndScheduler.subList(1, 2);
    Obj leases = resources("coordination.k8s.io", "leases");
    all.add(schema("exempt", "exempt", 1, "", everything(groups("system:masters"))));
    all.add(schema("catch-all", "catch-all", 10_000, BY_USER, everything(everybody)));
    all.add(schema("probes", "exempt", 2, "", probes(everybody)));
    all.add(
        schema(
            "system-leader-election",
            "leader-election",
            100,
            BY_USER,
            rule(joined(managerAndScheduler, systemAccounts), elections(leases))));
    all.add(
        schema(
            "endpoint-controller",
            "workload-high",
            150,
            BY_USER,
            rule(
                joined(
                    manager, accounts("endpoint-controller", "endpointslicemirroring-controller")),
                elections(resources("", "endpoints")))));
    all.add(
        schema(
            "workload-leader-election",
            "leader-election",
            200,
            BY_USER,
            rule(systemAccounts, elections(resources("", "endpoints", "configmaps"), leases))));
    all.add(
        schema(
            "system-node-high",
            "node-high",
            400,
            BY_USER,
            rule(
                nodes,
                List.of(
                    with(resources("", "nodes", "nodes/status").with("clusterScope", true), ALL),
                    with(leases, ALL)))));
    all.add(schema("system-nodes", "system", 500, BY_USER, everything(nodes)));
    all.add(
        schema("kube-controller-manager", "workload-high", 800, BY_NAMESPACE, everything(manager)));
    all.add(schema("kube-scheduler", "workload-high", 800, BY_NAMESPACE, everything(scheduler)));
    all.add(
        schema(
            "kube-system-service-accounts",
            "workload-high",
            900,
            BY_NAMESPACE,
            everything(systemAccounts)));
    all.add(
        schema(
            "service-accounts",
            "workload-low",
            9000,
            BY_USER,
            everything(groups("system:serviceaccounts"))));
    all.add(schema("global-default", "global-default", 9900, BY_USER, everything(everybody)));
    return List.copyOf(all);
  }

  /** Whether objects of this name have a spec that nobody may change. */
  public static boolean isMandatory(String name) {
    return MANDATORY.contains(name);
  }

  /** The spec of a mandatory priority level; empty when the name is of none. */
  static Optional<Obj> fixedLevel(String name) {
    return fixed(PRIORITY_LEVELS, name);
  }

  /** The spec of a mandatory flow schema; empty when the name is of none. */
  static Optional<Obj> fixedSchema(String name) {
    return fixed(FLOW_SCHEMAS, name);
  }

  private static Optional<Obj> fixed(List<Obj> objects, String name) {
    return objects.stream()
        .filter(each -> isMandatory(name) && each.obj("metadata").string("name").equals(name))
        .map(each -> each.obj("spec"))
        .findFirst();
  }

  private static Obj object(String kind, String name, Obj spec) {
    Obj metadata = Obj.of("name", name, "annotations", Obj.of(AUTO_UPDATE, "true"));
    return Obj.of(
        "apiVersion", FlowKinds.GROUP + "/v1", "kind", kind, "metadata", metadata, "spec", spec);
  }

  private static Obj level(String name, Obj spec) {
    return object("PriorityLevelConfiguration", name, spec);
  }

  private static Obj limited(long shares, long lendablePercent, Obj response) {
    Obj limits =
        Obj.of(
            "nominalConcurrencyShares",
            shares,
            "lendablePercent",
            lendablePercent,
            "limitResponse",
            response);
    return Obj.of("type", "Limited", "limited", limits);
  }

  private static Obj queues(long queues, long handSize) {
    Obj queuing = Obj.of("queues", queues, "handSize", handSize, "queueLengthLimit", 50L);
    return Obj.of("type", "Queue", "queuing", queuing);
  }

  private static Obj schema(String name, String level, long precedence, String method, Obj rule) {
    Obj.Builder spec =
        Obj.builder()
            .put("priorityLevelConfiguration", Obj.of("name", level))
            .put("matchingPrecedence", precedence);
    if (!method.isEmpty()) {
      spec.put("distinguisherMethod", Obj.of("type", method));
    }
    return object("FlowSchema", name, spec.put("rules", List.of(rule)).build());
  }

  private static Obj rule(List<Obj> subjects, List<Obj> resourceRules) {
    return Obj.of("subjects", subjects, "resourceRules", resourceRules);
  }

  private static Obj everything(List<Obj> subjects) {
    Obj resources = with(resources(ALL, ALL).with("clusterScope", true), ALL);
    Obj urls = Obj.of("verbs", List.of(ALL), "nonResourceURLs", List.of(ALL));
    return rule(subjects, List.of(resources)).with("nonResourceRules", List.of(urls));
  }

  private static Obj probes(List<Obj> subjects) {
    List<String> paths = List.of("/healthz", "/readyz", "/livez");
    Obj urls = Obj.of("verbs", List.of("get"), "nonResourceURLs", paths);
    return Obj.of("subjects", subjects, "nonResourceRules", List.of(urls));
  }

  /** In all namespaces. */
  private static Obj resources(String group, String... resources) {
    return Obj.of(
        "apiGroups", List.of(group), "resources", List.of(resources), "namespaces", List.of(ALL));
  }

  private static Obj with(Obj resources, String... verbs) {
    return resources.with("verbs", List.of(verbs));
  }

  /** What an election writes to these resources. */
  private static List<Obj> elections(Obj... resources) {
    List<Obj> rules = new ArrayList<>();
    for (Obj each : resources) {
      rules.add(with(each, "get", "create", "update"));
    }
    return rules;
  }

  private static List<Obj> groups(String... names) {
    List<Obj> subjects = new ArrayList<>();
    for (String name : names) {
      subjects.add(Obj.of("kind", "Group", "group", Obj.of("name", name)));
    }
    return subjects;
  }

  private static List<Obj> users(String... names) {
    List<Obj> subjects = new ArrayList<>();
    for (String name : names) {
      subjects.add(Obj.of("kind", "User", "user", Obj.of("name", name)));
    }
    return subjects;
  }

  /** Those of the namespace {@code kube-system}. */
  private static List<Obj> accounts(String... names) {
    List<Obj> subjects = new ArrayList<>();
    for (String name : names) {
      Obj account = Obj.of("name", name, "namespace", "kube-system");
      subjects.add(Obj.of("kind", "ServiceAccount", "serviceAccount", account));
    }
    return subjects;
  }

  private static List<Obj> joined(List<Obj> some, List<Obj> others) {
    List<Obj> all = new ArrayList<>(some);
    all.addAll(others);
    return all;
  }
}
