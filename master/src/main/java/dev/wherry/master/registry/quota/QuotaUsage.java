package dev.wherry.master.registry.quota;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ResourceList;
import java.math.BigDecimal;
import java.time.Instant;
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
  private static final String DEVICES = ".deviceclass.resource.k8s.io/devices";
  private static final GroupResource RESOURCE_CLAIMS =
      new GroupResource("resource.k8s.io", "resourceclaims");

  /** As many devices as one claim can get: what a request for all of them is charged. */
  private static final long ALL_DEVICES = 32;

  /** Kinds that have a name of their own beside {@code count/}. */
  private static final Set<String> COUNTED =
      Set.of("configmaps", "secrets", "replicationcontrollers", "resourcequotas");

  private static final Set<String> OF_CONTAINERS =
      Set.of("cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory");

  private QuotaUsage() {}

  /** All that the object takes by now. */
  public static Amounts of(GroupResource resource, Obj object, Instant now) {
    Amounts counted = Amounts.one(COUNT + resource, 1);
    if (resource.equals(RESOURCE_CLAIMS)) {
      return counted.plus(devices(object.at("spec", "devices")));
    }
    if (!resource.group().isEmpty()) {
      return counted;
    }
    return switch (resource.resource()) {
      case "pods" -> isOver(object, now) ? counted : counted.plus(pod(object));
      case "services" -> counted.plus(service(object.obj("spec")));
      case "persistentvolumeclaims" -> counted.plus(claim(object));
      default ->
          COUNTED.contains(resource.resource())
              ? counted.plus(Amounts.one(resource.resource(), 1))
              : counted;
    };
  }

  /** A pod that should be gone is not charged: its node may be lost and never say that it is. */
  private static boolean isOver(Obj pod, Instant now) {
    if (Set.of("Succeeded", "Failed").contains(pod.obj("status").string("phase"))) {
      return true;
    }
    Obj metadata = pod.obj("metadata");
    long grace = metadata.number("deletionGracePeriodSeconds", 0);
    return metadata.has("deletionGracePeriodSeconds")
        && Meta.of(pod)
            .deletionTimestamp()
            .filter(end -> now.isAfter(end.plusSeconds(grace)))
            .isPresent();
  }

  private static Amounts pod(Obj pod) {
    PodAmounts amounts = PodAmounts.ofPod(pod);
    SortedMap<String, Quantity> byName = new TreeMap<>(Amounts.one("pods", 1).byName());
    amounts
        .requests()
        .byName()
        .forEach(
            (name, amount) -> {
              byName.put("requests." + name, amount);
              if (Set.of("cpu", "memory", "ephemeral-storage").contains(name)
                  || name.startsWith(ResourceList.HUGE_PAGES)) {
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

  /** Devices of each class; of several requests of which one is met, the greatest. */
  private static Amounts devices(Obj devices) {
    Amounts all = Amounts.NONE;
    for (Obj request : devices.objs("requests")) {
      Amounts most = devices(request.obj("exactly"), Amounts.NONE);
      for (Obj alternative : request.objs("firstAvailable")) {
        most = devices(alternative, most);
      }
      all = all.plus(most);
    }
    return all;
  }

  private static Amounts devices(Obj request, Amounts atLeast) {
    String type = request.string("deviceClassName");
    if (type.isEmpty()) {
      return atLeast;
    }
    boolean isForAll = request.string("allocationMode").equals("All");
    long count = isForAll ? ALL_DEVICES : request.number("count", 1);
    return atLeast.max(Amounts.one(type + DEVICES, count));
  }

  private static Amounts claim(Obj claim) {
    Obj spec = claim.obj("spec");
    Amounts all = Amounts.one("persistentvolumeclaims", 1);
    // An expansion that has begun is charged until it is given up.
    Quantity size =
        Amounts.of(spec.at("resources", "requests"))
            .max(Amounts.of(claim.at("status", "allocatedResources")))
            .get("storage");
    all = all.with("requests.storage", size);
    String type =
        claim
            .at("metadata", "annotations")
            .string("volume.beta.kubernetes.io/storage-class", spec.string("storageClassName"));
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
    if (name.endsWith(DEVICES)) {
      return Optional.of(RESOURCE_CLAIMS);
    }
    if (COUNTED.contains(name)) {
      return Optional.of(GroupResource.core(name));
    }
    boolean ofPods =
        Set.of("pods", "cpu", "memory", "ephemeral-storage").contains(name)
            || name.startsWith("requests.")
            || name.startsWith("limits.")
            || name.startsWith(ResourceList.HUGE_PAGES);
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

  /** Whether the scopes of the quota take the object in. */
  public static boolean isAbout(Obj quota, GroupResource resource, Obj object) {
    return QuotaScopes.match(quota.obj("spec"), resource, object);
  }

  /** Whether the object is in the scope of this term of a {@code scopeSelector}. */
  public static boolean matches(Obj term, GroupResource resource, Obj object) {
    Obj selector = Obj.of("matchExpressions", List.of(term));
    return QuotaScopes.match(Obj.of("scopeSelector", selector), resource, object);
  }

  /** Whether the quota names the scope. */
  public static boolean hasScope(Obj quota, String scope) {
    Obj spec = quota.obj("spec");
    return spec.strings("scopes").contains(scope)
        || spec.obj("scopeSelector").objs("matchExpressions").stream()
            .anyMatch(term -> term.string("scopeName").equals(scope));
  }

  /**
   * What the object takes of that which the quota bounds; nothing where its scopes leave it out.
   */
  public static Amounts of(Obj quota, GroupResource resource, Obj object, Instant now) {
    SortedMap<String, Quantity> bounded = new TreeMap<>();
    if (QuotaScopes.match(quota.obj("spec"), resource, object)) {
      Obj hard = quota.at("spec", "hard");
      of(resource, object, now)
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
      if (OF_CONTAINERS.contains(each.key()) && !says(pod.obj("spec"), each.key())) {
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
