package dev.wherry.master.registry.quota;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What one object takes of a quota, by the quota's names of resources (Kubernetes' documentation,
 * "Resource Quotas"). Pure.
 */
public final class QuotaUsage {
  private static final String COUNT = "count/";
  private static final String OF_CLASS = ".storageclass.storage.k8s.io/";

  /** Kinds that have a name of their own beside {@code count/}. */
  private static final Set<String> COUNTED =
      Set.of("configmaps", "secrets", "replicationcontrollers", "resourcequotas");

  private static final Set<String> OF_CONTAINERS =
      Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  private QuotaUsage() {}

  /** All that the object takes. */
  public static Amounts of(GroupResource resource, Obj object) {
    Amounts counted = Amounts.one(COUNT + resource, 1);
    if (!resource.group().isEmpty()) {
      return counted;
    }
    return switch (resource.resource()) {
      case "pods" -> isOver(object) ? counted : counted.plus(pod(object.obj("spec")));
      case "services" -> counted.plus(service(object.obj("spec")));
      case "persistentvolumeclaims" -> counted.plus(claim(object.obj("spec")));
      default ->
          COUNTED.contains(resource.resource())
              ? counted.plus(Amounts.one(resource.resource(), 1))
              : counted;
    };
  }

  private static boolean isOver(Obj pod) {
    return Set.of("Succeeded", "Failed").contains(pod.obj("status").string("phase"));
  }

  private static Amounts pod(Obj spec) {
    PodAmounts amounts = PodAmounts.of(spec);
    SortedMap<String, Quantity> byName = new TreeMap<>(Amounts.one("pods", 1).byName());
    amounts
        .requests()
        .byName()
        .forEach(
            (name, amount) -> {
              byName.put("requests." + name, amount);
              if (Set.of("cpu", "memory", "ephemeral-storage").contains(name)
                  || name.startsWith("hugepages-")) {
                byName.put(name, amount);
              }
            });
    amounts.limits().byName().forEach((name, amount) -> byName.put("limits." + name, amount));
    return new Amounts(byName);
  }

  private static Amounts service(Obj spec) {
    Amounts all = Amounts.one("services", 1);
    long ports = spec.list("ports").size();
    return switch (spec.string("type")) {
      case "NodePort" -> all.plus(Amounts.one("services.nodeports", ports));
      case "LoadBalancer" -> {
        long given =
            spec.objs("ports").stream().filter(each -> each.number("nodePort", 0) != 0).count();
        long taken = spec.flag("allocateLoadBalancerNodePorts", true) ? ports : given;
        yield all.plus(Amounts.one("services.loadbalancers", 1))
            .plus(Amounts.one("services.nodeports", taken));
      }
      default -> all;
    };
  }

  private static Amounts claim(Obj spec) {
    Amounts all = Amounts.one("persistentvolumeclaims", 1);
    Quantity size = Amounts.of(spec.at("resources", "requests")).get("storage");
    all = all.with("requests.storage", size);
    String type = spec.string("storageClassName");
    return type.isEmpty()
        ? all
        : all.with(type + OF_CLASS + "requests.storage", size)
            .with(type + OF_CLASS + "persistentvolumeclaims", new Quantity(BigDecimal.ONE));
  }

  /** The resource whose objects take of what the quota calls this; empty where none is known. */
  public static Optional<GroupResource> counted(String name) {
    if (name.startsWith(COUNT)) {
      String[] parts = name.substring(COUNT.length()).split("\\.", 2);
      return Optional.of(new GroupResource(parts.length == 2 ? parts[1] : "", parts[0]));
    }
    if (name.equals("services") || name.startsWith("services.")) {
      return Optional.of(GroupResource.SERVICES);
    }
    if (name.equals("persistentvolumeclaims")
        || name.equals("requests.storage")
        || name.contains(OF_CLASS)) {
      return Optional.of(GroupResource.PERSISTENT_VOLUME_CLAIMS);
    }
    if (COUNTED.contains(name)) {
      return Optional.of(GroupResource.core(name));
    }
    boolean ofPods =
        Set.of("pods", "cpu", "memory", "ephemeral-storage").contains(name)
            || name.startsWith("requests.")
            || name.startsWith("limits.")
            || name.startsWith("hugepages-");
    return ofPods ? Optional.of(GroupResource.PODS) : Optional.empty();
  }

  /** The resources that have to be counted for this quota. */
  public static Set<GroupResource> counted(Obj quota) {
    Set<GroupResource> all = new TreeSet<>(java.util.Comparator.comparing(GroupResource::toString));
    for (Obj.Entry each : quota.at("spec", "hard")) {
      counted(each.key()).ifPresent(all::add);
    }
    return all;
  }

  /**
   * What the object takes of that which the quota bounds; nothing where its scopes leave it out.
   */
  public static Amounts of(Obj quota, GroupResource resource, Obj object) {
    SortedMap<String, Quantity> bounded = new TreeMap<>();
    if (QuotaScopes.match(quota.obj("spec"), resource, object)) {
      Obj hard = quota.at("spec", "hard");
      of(resource, object)
          .byName()
          .forEach(
              (name, amount) -> {
                if (hard.has(name)) {
                  bounded.put(name, amount);
                }
              });
    }
    return new Amounts(bounded);
  }

  /** Zero of everything that the quota bounds and that can be counted. */
  public static Amounts nothing(Obj quota) {
    SortedMap<String, Quantity> zero = new TreeMap<>();
    for (Obj.Entry each : quota.at("spec", "hard")) {
      if (counted(each.key()).isPresent()) {
        zero.put(each.key(), Quantity.ZERO);
      }
    }
    return new Amounts(zero);
  }

  /**
   * What the containers of a pod do not say although the quota bounds it, such as {@code limits.cpu
   * for: a,b}; empty where they say all.
   */
  public static List<String> unsaid(Obj quota, Obj pod) {
    if (!QuotaScopes.match(quota.obj("spec"), GroupResource.PODS, pod)) {
      return List.of();
    }
    SortedMap<String, List<String>> missing = new TreeMap<>();
    for (Obj.Entry each : quota.at("spec", "hard")) {
      if (OF_CONTAINERS.contains(each.key())) {
        for (String list : List.of("containers", "initContainers")) {
          for (Obj container : pod.obj("spec").objs(list)) {
            if (!says(container, each.key())) {
              missing
                  .computeIfAbsent(each.key(), _ -> new ArrayList<>())
                  .add(container.string("name"));
            }
          }
        }
      }
    }
    List<String> texts = new ArrayList<>();
    for (Map.Entry<String, List<String>> each : missing.entrySet()) {
      texts.add(each.getKey() + " for: " + String.join(",", each.getValue()));
    }
    return texts;
  }

  private static boolean says(Obj container, String name) {
    String part = name.startsWith("limits.") ? "limits" : "requests";
    return container.at("resources", part).has(name.substring(name.indexOf('.') + 1));
  }
}
