package dev.wherry.agent.bootstrap;

import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.NodePolicy;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.device.DeviceSource;
import dev.wherry.agent.eviction.PressureWatch;
import dev.wherry.agent.image.ImageCollector;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.sync.Admission;
import dev.wherry.agent.sync.ContainerPolicy;
import dev.wherry.agent.sync.PodSync;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ResourceList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** What the node has for pods now, devices included. Thread-safe. */
record NodeRoom(
    AgentOptions options,
    DesiredState desired,
    NodeCapacity machine,
    DeviceSource devices,
    PressureWatch pressure) {
  private static final Path APP_ARMOR = Path.of("/sys/kernel/security/apparmor");

  NodeCapacity capacity() {
    Map<String, Long> all = new HashMap<>();
    Map<String, Long> broken = new HashMap<>();
    devices
        .amounts()
        .forEach(
            (resource, amount) -> {
              all.put(resource, amount.all());
              broken.put(resource, amount.all() - amount.usable());
            });
    return machine.with(all).keeping(broken);
  }

  /** The node as new pods are measured against it. */
  Admission.Node now() {
    String name = options.nodeName().text();
    NodeCapacity capacity = capacity();
    Map<String, Long> allocatable = new HashMap<>();
    capacity.total().keySet().forEach(each -> allocatable.put(each, capacity.allocatable(each)));
    return new Admission.Node(
        name,
        allocatable,
        desired
            .get(DesiredState.Resource.NODES, new ObjectKey("", name))
            .map(node -> Meta.of(node).labels())
            .orElse(Map.of()),
        pressure.conditions(),
        options.policy().unsafeSysctls(),
        Files.isDirectory(APP_ARMOR));
  }

  static ContainerPolicy policy(NodePolicy policy, NodeCapacity capacity, HostAbilities host)
      throws IOException {
    return new ContainerPolicy(
        capacity.total(ResourceList.MEMORY),
        policy.seccompRoot(),
        policy.unsafeSysctls(),
        NodeGroups.pageSizes(),
        host.cgroupV2());
  }

  /**
   * The pods as those that may have to leave.
   *
   * @param shortages told what the node is short of when it takes that back
   */
  record Leavers(PodSync pods, ImageCollector images, Consumer<String> shortages)
      implements PressureWatch.Pods {
    @Override
    public void reclaims(String resource) {
      shortages.accept(resource);
    }

    @Override
    public List<PodView> all() {
      return pods.unfinished();
    }

    @Override
    public boolean evict(PodUid pod, PodEvent.Evicted eviction) {
      return pods.evict(pod, eviction);
    }

    @Override
    public void reclaimDisk() {
      images.reclaim();
    }
  }
}
