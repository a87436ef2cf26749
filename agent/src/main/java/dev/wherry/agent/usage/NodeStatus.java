package dev.wherry.agent.usage;

import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.api.object.Meta.Times;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Renders a node's {@code status} (v1.NodeStatus), worded as kubelet does. Pure. */
public final class NodeStatus {
  /** Images listed, the largest first (kubelet: nodeStatusMaxImages). */
  private static final int MAX_IMAGES = 50;

  private NodeStatus() {}

  /**
   * How the node is.
   *
   * @param notReadyBecause empty: it is ready
   */
  public record Health(
      String notReadyBecause, boolean memoryPressure, boolean diskPressure, boolean pidPressure) {}

  /**
   * What the node's engine can.
   *
   * @param supplementalGroupsPolicy whether it says whose containers are, too
   * @param userNamespaces whether pods can have users of their own
   */
  public record Features(boolean supplementalGroupsPolicy, boolean userNamespaces) {
    /** Of the one engine that there is, which has no name beside others. */
    private Obj handler() {
      return Obj.of(
          "name",
          "",
          "features",
          Obj.of("recursiveReadOnlyMounts", true, "userNamespaces", userNamespaces));
    }
  }

  /**
   * @param addresses by which it is reached, the first one by which it is known
   * @param before the conditions of the last status, whose transition times are kept
   */
  public static Obj render(
      String name,
      List<String> addresses,
      NodeCapacity capacity,
      NodeInfo info,
      Features features,
      Health health,
      List<Image> images,
      List<Obj> before,
      Instant now) {
    return Obj.of(
        "capacity",
        capacity.capacity(),
        "allocatable",
        capacity.allocatable(),
        "conditions",
        conditions(health, before, now),
        "addresses",
        addresses(addresses, name),
        "daemonEndpoints",
        Obj.of("kubeletEndpoint", Obj.of("Port", 0)),
        "nodeInfo",
        info.toObj(),
        "features",
        Obj.of("supplementalGroupsPolicy", features.supplementalGroupsPolicy()),
        "runtimeHandlers",
        List.of(features.handler()),
        "images",
        images(images));
  }

  private static List<Obj> addresses(List<String> addresses, String name) {
    List<Obj> all = new ArrayList<>();
    addresses.forEach(each -> all.add(Obj.of("type", "InternalIP", "address", each)));
    all.add(Obj.of("type", "Hostname", "address", name));
    return all;
  }

  private static List<Obj> conditions(Health health, List<Obj> before, Instant now) {
    List<Obj> conditions = new ArrayList<>();
    conditions.add(
        pressure("MemoryPressure", health.memoryPressure(), "Memory", "memory available", now));
    conditions.add(pressure("DiskPressure", health.diskPressure(), "Disk", "disk pressure", now));
    conditions.add(pressure("PIDPressure", health.pidPressure(), "PID", "PID available", now));
    boolean ready = health.notReadyBecause().isEmpty();
    conditions.add(
        Condition.of(
                "Ready",
                ready ? Condition.TRUE : Condition.FALSE,
                ready ? "KubeletReady" : "KubeletNotReady",
                ready ? "kubelet is posting ready status" : health.notReadyBecause(),
                now)
            .tree());
    return conditions.stream()
        .map(each -> kept(each, before).with("lastHeartbeatTime", Times.format(now)))
        .toList();
  }

  private static Obj pressure(
      String type, boolean isUnder, String resource, String words, Instant now) {
    String what = resource.equals("Disk") ? words : "sufficient " + words;
    return Condition.of(
            type,
            isUnder ? Condition.TRUE : Condition.FALSE,
            isUnder
                ? "KubeletHas"
                    + (resource.equals("Disk") ? "" : "Insufficient")
                    + resource
                    + (resource.equals("Disk") ? "Pressure" : "")
                : resource.equals("Disk")
                    ? "KubeletHasNoDiskPressure"
                    : "KubeletHasSufficient" + resource,
            isUnder
                ? "kubelet has " + what.replace("sufficient", "insufficient")
                : resource.equals("Disk") ? "kubelet has no disk pressure" : "kubelet has " + what,
            now)
        .tree();
  }

  /**
   * The reasons of the events that tell how a node's conditions have changed; one that was not
   * known before has.
   *
   * @param before empty: none was known
   */
  public static List<String> changes(List<Obj> before, List<Obj> now) {
    return now.stream()
        .filter(
            each ->
                before.stream()
                    .noneMatch(
                        old ->
                            old.string("type").equals(each.string("type"))
                                && old.string("status").equals(each.string("status"))))
        .map(each -> change(each.string("type"), each.string("status").equals(Condition.TRUE)))
        .toList();
  }

  private static String change(String type, boolean holds) {
    return switch (type) {
      case "MemoryPressure" -> holds ? "NodeHasInsufficientMemory" : "NodeHasSufficientMemory";
      case "DiskPressure" -> holds ? "NodeHasDiskPressure" : "NodeHasNoDiskPressure";
      case "PIDPressure" -> holds ? "NodeHasInsufficientPID" : "NodeHasSufficientPID";
      default -> holds ? "NodeReady" : "NodeNotReady";
    };
  }

  private static Obj kept(Obj fresh, List<Obj> before) {
    for (Obj old : before) {
      if (old.string("type").equals(fresh.string("type"))
          && old.string("status").equals(fresh.string("status"))) {
        return fresh.with("lastTransitionTime", old.string("lastTransitionTime"));
      }
    }
    return fresh;
  }

  private static List<Obj> images(List<Image> images) {
    return images.stream()
        .sorted(Comparator.comparingLong(Image::sizeBytes).reversed())
        .limit(MAX_IMAGES)
        .map(NodeStatus::image)
        .toList();
  }

  private static Obj image(Image image) {
    List<String> names = new ArrayList<>(image.digests());
    names.addAll(image.names());
    return Obj.of("names", names, "sizeBytes", image.sizeBytes());
  }
}
