package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The endpoint slices that stand for an {@code Endpoints} object that somebody made for a service
 * without a selector: nodes go by slices alone. Pure.
 */
record MirrorPlan(List<Obj> create, List<Obj> update, List<Obj> delete) {
  static final String CONTROLLER = "endpointslicemirroring-controller.k8s.io";
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
      } else if (!now.list("endpoints").equals(slice.list("endpoints"))
          || !now.list("ports").equals(slice.list("ports"))) {
        update.add(slice.with("endpoints", now.list("endpoints")).with("ports", now.list("ports")));
      }
    }
    create.addAll(wanted.values());
    return new MirrorPlan(create, update, delete);
  }

  private static boolean isMirrored(Obj endpoints) {
    Meta meta = Meta.of(endpoints);
    return !meta.labels().getOrDefault(SKIP, "").equals("true")
        && !meta.annotations().containsKey("control-plane.alpha.kubernetes.io/leader");
  }

  private static void collect(Obj endpoints, Map<String, Obj> wanted) {
    Meta meta = Meta.of(endpoints);
    int number = 0;
    for (Obj subset : endpoints.objs("subsets")) {
      List<Obj> targets = new ArrayList<>();
      subset.objs("addresses").forEach(each -> target(each, true).ifPresent(targets::add));
      subset.objs("notReadyAddresses").forEach(each -> target(each, false).ifPresent(targets::add));
      String name = meta.name() + "-mirror-" + number++;
      List<Obj> ports = new ArrayList<>();
      for (Obj port : subset.objs("ports")) {
        ports.add(
            Obj.builder()
                .put("name", port.string("name"))
                .put("port", port.number("port", 0))
                .put("protocol", port.string("protocol", "TCP"))
                .putUnlessEmpty("appProtocol", port.string("appProtocol"))
                .build());
      }
      wanted.put(
          name,
          Obj.of(
              "apiVersion",
              "discovery.k8s.io/v1",
              "kind",
              "EndpointSlice",
              "metadata",
              metadata(meta, name),
              "addressType",
              "IPv4",
              "endpoints",
              targets.size() > MAX_ENDPOINTS ? targets.subList(0, MAX_ENDPOINTS) : targets,
              "ports",
              ports));
    }
  }

  private static Obj metadata(Meta endpoints, String name) {
    Obj owner =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Endpoints",
            "name",
            endpoints.name(),
            "uid",
            endpoints.uid(),
            "controller",
            true,
            "blockOwnerDeletion",
            true);
    return Obj.of(
        "namespace",
        endpoints.namespace(),
        "name",
        name,
        "labels",
        Obj.of(
            EndpointSliceView.SERVICE_NAME_LABEL,
            endpoints.name(),
            EndpointSliceView.MANAGED_BY_LABEL,
            CONTROLLER),
        "ownerReferences",
        List.of(owner));
  }

  private static Optional<Obj> target(Obj address, boolean ready) {
    String ip = address.string("ip");
    if (ip.indexOf('.') < 0) {
      return Optional.empty(); // the other family would be a slice of its own
    }
    return Optional.of(
        Obj.builder()
            .put("addresses", List.of(ip))
            .put("conditions", Obj.of("ready", ready))
            .putUnlessEmpty("hostname", address.string("hostname"))
            .putUnlessEmpty("nodeName", address.string("nodeName"))
            .putUnlessEmpty("targetRef", address.obj("targetRef"))
            .build());
  }
}
