package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The endpoint slices that stand for an {@code Endpoints} object that somebody made for a service
 * without a selector: nodes go by slices alone. Pure.
 */
record MirrorPlan(List<Obj> create, List<Obj> update, List<Obj> delete) {
  static final String CONTROLLER = "endpointslicemirroring-controller.k8s.io";
  private static final String IPV4 = "IPv4";
  private static final String SKIP = "endpointslice.kubernetes.io/skip-mirror";
  private static final int MAX_ENDPOINTS = 1000;

  /**
   * @param endpoints as they are; empty: they are gone or not to be mirrored
   * @param existing slices that this controller made of them
   */
  static MirrorPlan plan(Optional<Obj> endpoints, List<Obj> existing) {
    Map<String, Obj> wanted = new TreeMap<>();
    endpoints.filter(MirrorPlan::isMirrored).ifPresent(each -> collect(each, wanted));
    List<Obj> create = new ArrayList<>();
    List<Obj> update = new ArrayList<>();
    List<Obj> delete = new ArrayList<>();
    for (Obj slice : existing) {
      Obj now = wanted.remove(Meta.of(slice).name());
      if (now == null) {
        delete.add(slice);
      } else {
        Obj changed = changed(slice, now);
        if (!changed.equals(slice)) {
          update.add(changed);
        }
      }
    }
    create.addAll(wanted.values());
    return new MirrorPlan(create, update, delete);
  }

  private static Obj changed(Obj slice, Obj now) {
    return slice
        .withAt(now.at("metadata", "labels"), "metadata", "labels")
        .with("endpoints", now.list("endpoints"))
        .with("ports", now.list("ports"));
  }

  private static boolean isMirrored(Obj endpoints) {
    Meta meta = Meta.of(endpoints);
    return !meta.labels().getOrDefault(SKIP, "").equals("true")
        && !meta.annotations().containsKey("control-plane.alpha.kubernetes.io/leader");
  }

  private static void collect(Obj endpoints, Map<String, Obj> wanted) {
    int number = 0;
    for (Obj subset : endpoints.objs("subsets")) {
      for (String family : families(subset)) {
        Obj slice = slice(Meta.of(endpoints), number, family, subset);
        wanted.put(Meta.of(slice).name(), slice);
      }
      number++;
    }
  }

  /** Those of its addresses; one for a subset without any. */
  private static Set<String> families(Obj subset) {
    Set<String> families = new TreeSet<>();
    subset.objs("addresses").forEach(each -> families.add(family(each)));
    subset.objs("notReadyAddresses").forEach(each -> families.add(family(each)));
    return families.isEmpty() ? Set.of(IPV4) : families;
  }

  private static String family(Obj address) {
    return address.string("ip").contains(":") ? "IPv6" : IPV4;
  }

  private static Obj slice(Meta endpoints, int number, String family, Obj subset) {
    String name = endpoints.name() + "-mirror-" + number + (family.equals(IPV4) ? "" : "-ipv6");
    List<Obj> targets = new ArrayList<>();
    targets.addAll(targets(subset.objs("addresses"), family, true));
    targets.addAll(targets(subset.objs("notReadyAddresses"), family, false));
    return Obj.of(
        "apiVersion",
        "discovery.k8s.io/v1",
        "kind",
        "EndpointSlice",
        "metadata",
        metadata(endpoints, name),
        "addressType",
        family,
        "endpoints",
        targets.size() > MAX_ENDPOINTS ? targets.subList(0, MAX_ENDPOINTS) : targets,
        "ports",
        subset.objs("ports").stream().map(MirrorPlan::port).toList());
  }

  private static Obj port(Obj port) {
    return Obj.builder()
        .put("name", port.string("name"))
        .put("port", port.number("port", 0))
        .put("protocol", port.string("protocol", "TCP"))
        .putUnlessEmpty("appProtocol", port.string("appProtocol"))
        .build();
  }

  private static Obj metadata(Meta endpoints, String name) {
    Obj owner =
        new OwnerReference("v1", "Endpoints", endpoints.name(), endpoints.uid(), true, true)
            .toObj();
    Obj.Builder labels = Obj.builder();
    endpoints.labels().forEach(labels::put);
    labels
        .put(EndpointSliceView.SERVICE_NAME_LABEL, endpoints.name())
        .put(EndpointSliceView.MANAGED_BY_LABEL, CONTROLLER);
    return Obj.of(
        "namespace",
        endpoints.namespace(),
        "name",
        name,
        "labels",
        labels.build(),
        "ownerReferences",
        List.of(owner));
  }

  private static List<Obj> targets(List<Obj> addresses, String family, boolean ready) {
    return addresses.stream()
        .filter(each -> family(each).equals(family))
        .map(each -> target(each, ready))
        .toList();
  }

  private static Obj target(Obj address, boolean ready) {
    return Obj.builder()
        .put("addresses", List.of(address.string("ip")))
        .put("conditions", Obj.of("ready", ready))
        .putUnlessEmpty("hostname", address.string("hostname"))
        .putUnlessEmpty("nodeName", address.string("nodeName"))
        .putUnlessEmpty("targetRef", address.obj("targetRef"))
        .build();
  }
}
