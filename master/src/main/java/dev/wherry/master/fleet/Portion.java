package dev.wherry.master.fleet;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What of an object a node is sent, and its version. The version is equal while nothing changes
 * that matters to a node: a pod's own status comes from its node and is not news there, and a
 * peer's node is its name, labels, addresses and pod range.
 *
 * @param version opaque, the same across restarts of the master
 */
record Portion(Obj object, String version) {

  /** Conditions of a pod that its node computes; others come from elsewhere and are news to it. */
  static final Set<String> NODE_OWNED_CONDITIONS =
      Set.of(
          "PodReadyToStartContainers",
          "Initialized",
          "ContainersReady",
          "Ready",
          "PodResizePending",
          "PodResizeInProgress",
          "AllContainersRestarting");

  static Portion of(Need.Kind kind, Obj object) {
    Obj lean = object.change("metadata", metadata -> metadata.without("managedFields"));
    return switch (kind) {
      case PODS -> new Portion(lean, podVersion(lean));
      case NODES -> peer(object);
      case PEER_PODS -> peerPod(object);
      case NAMESPACES -> labels(object);
      case INGRESSES -> {
        Obj told = lean.without("status");
        yield new Portion(told, Long.toHexString(digest(told.obj("spec").with("m", meta(told)))));
      }
      case INGRESS_CLASSES,
          CLUSTER_TRUST_BUNDLES,
          NETWORK_POLICIES,
          SERVICES,
          ENDPOINT_SLICES,
          CONFIG_MAPS,
          SECRETS,
          PERSISTENT_VOLUMES,
          PERSISTENT_VOLUME_CLAIMS ->
          new Portion(lean, Meta.of(object).resourceVersion());
    };
  }

  /** Of the pod without its node's own words. */
  static String podVersion(Obj pod) {
    List<Obj> foreign = new ArrayList<>();
    for (Obj condition : pod.obj("status").objs("conditions")) {
      if (!NODE_OWNED_CONDITIONS.contains(condition.string("type"))) {
        foreign.add(condition);
      }
    }
    Obj told =
        pod.change(
                "metadata",
                metadata -> metadata.without("resourceVersion").without("managedFields"))
            .with("status", Obj.of("conditions", foreign));
    return Long.toHexString(digest(told));
  }

  /** What is not of a single write of the object. */
  private static Obj meta(Obj object) {
    return object.obj("metadata").without("resourceVersion");
  }

  /** What policies go by: who a pod is, where it is, and what its ports are called. */
  private static Portion peerPod(Obj pod) {
    Obj spec = pod.obj("spec");
    Obj told =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Pod",
            "metadata",
            who(pod),
            "spec",
            Obj.builder()
                .put("nodeName", spec.string("nodeName"))
                .put("containers", withPorts(spec.objs("containers")))
                .putUnlessEmpty("initContainers", withPorts(spec.objs("initContainers")))
                .build(),
            "status",
            Obj.builder()
                .put("podIP", pod.obj("status").string("podIP"))
                .putUnlessEmpty("podIPs", others(pod.obj("status").list("podIPs")))
                .put("phase", pod.obj("status").string("phase"))
                .build());
    return new Portion(told, Long.toHexString(digest(told)));
  }

  /** All addresses, where there are more than the one that stands by itself. */
  private static List<Object> others(List<Object> addresses) {
    return addresses.size() > 1 ? addresses : List.of();
  }

  private static List<Obj> withPorts(List<Obj> containers) {
    List<Obj> told = new ArrayList<>();
    for (Obj container : containers) {
      if (!container.list("ports").isEmpty()) {
        told.add(
            Obj.builder()
                .put("name", container.string("name"))
                .putUnlessEmpty("restartPolicy", container.string("restartPolicy"))
                .put("ports", container.list("ports"))
                .build());
      }
    }
    return told;
  }

  private static Portion labels(Obj object) {
    Obj told =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            object.string("kind", "Namespace"),
            "metadata",
            who(object));
    return new Portion(told, Long.toHexString(digest(told)));
  }

  private static Obj who(Obj object) {
    Meta meta = Meta.of(object);
    return Obj.builder()
        .putUnlessEmpty("namespace", meta.namespace())
        .put("name", meta.name())
        .put("uid", meta.uid())
        .putUnlessEmpty("labels", object.at("metadata", "labels"))
        .build();
  }

  private static Portion peer(Obj node) {
    Meta meta = Meta.of(node);
    Obj spec = node.obj("spec");
    Obj peer =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Node",
            "metadata",
            Obj.builder()
                .put("name", meta.name())
                .put("uid", meta.uid())
                .putUnlessEmpty("labels", node.at("metadata", "labels"))
                .build(),
            "spec",
            Obj.builder()
                .putUnlessEmpty("podCIDR", spec.string("podCIDR"))
                .putUnlessEmpty("podCIDRs", spec.list("podCIDRs"))
                .build(),
            "status",
            Obj.of("addresses", node.obj("status").list("addresses")));
    return new Portion(peer, Long.toHexString(digest(peer)));
  }

  /** 64 bits over a tree's value, the same for objects that are equal. */
  private static long digest(Object value) {
    return switch (value) {
      case Obj o -> {
        long sum = 0x9e3779b97f4a7c15L;
        for (int i = 0; i < o.size(); i++) {
          sum += mix(31 * digest(o.keyAt(i)) + digest(o.valueAt(i))); // whatever their order
        }
        yield mix(sum);
      }
      case List<?> list -> {
        long sum = 0xc2b2ae3d27d4eb4fL;
        for (Object item : list) {
          sum = mix(31 * sum + digest(item));
        }
        yield sum;
      }
      case String s -> {
        long hash = 0xcbf29ce484222325L; // FNV-1a
        for (int i = 0; i < s.length(); i++) {
          hash = (hash ^ s.charAt(i)) * 0x100000001b3L;
        }
        yield mix(hash);
      }
      case Long l -> mix(l + 1);
      case Double d -> mix(Double.doubleToLongBits(d) + 2);
      case Boolean b -> b ? 3 : 4;
      case Null _ -> 5;
      default -> throw new IllegalArgumentException("no tree value: " + value.getClass().getName());
    };
  }

  /** The finalizer of SplitMix64 (Steele, Lea, Flood 2014). */
  private static long mix(long bits) {
    long z = (bits ^ (bits >>> 30)) * 0xbf58476d1ce4e5b9L;
    z = (z ^ (z >>> 27)) * 0x94d049bb133111ebL;
    return z ^ (z >>> 31);
  }
}
