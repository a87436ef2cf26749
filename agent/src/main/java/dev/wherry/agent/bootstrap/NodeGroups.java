package dev.wherry.agent.bootstrap;

import dev.wherry.agent.cgroup.CpuShares;
import dev.wherry.agent.cgroup.FileGroups;
import dev.wherry.agent.cgroup.GroupDriver;
import dev.wherry.agent.cgroup.GroupLimits;
import dev.wherry.agent.cgroup.NoGroups;
import dev.wherry.agent.cgroup.PageSize;
import dev.wherry.agent.cgroup.PodCgroups;
import dev.wherry.agent.cgroup.SystemdSlices;
import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.config.NodePolicy;
import dev.wherry.agent.eviction.EvictionPolicy;
import dev.wherry.agent.eviction.Signal;
import dev.wherry.agent.runtime.podman.HostAbilities;
import dev.wherry.agent.usage.NodeCapacity;
import dev.wherry.api.view.ResourceList;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The node's control groups in the form that this machine has. */
final class NodeGroups {
  private static final Logger LOG = LoggerFactory.getLogger(NodeGroups.class);
  private static final Path MOUNT = Path.of("/sys/fs/cgroup");

  private NodeGroups() {}

  /** Makes the tree; where the machine does not let us, pods go without groups of their own. */
  static PodCgroups open(AgentOptions options, GroupDriver driver, NodeCapacity capacity)
      throws InterruptedException {
    OptionalLong maxPids = options.policy().podMaxPids();
    PodCgroups groups = new PodCgroups(driver, maxPids);
    try {
      groups.open(
          new GroupLimits(
              CpuShares.ofMillis(capacity.allocatable(ResourceList.CPU)),
              OptionalLong.empty(),
              OptionalLong.of(
                  capacity.total(ResourceList.MEMORY)
                      - options.policy().reserved(ResourceList.MEMORY)),
              OptionalLong.empty(),
              Map.of()));
      return groups;
    } catch (IOException e) {
      LOG.warn("pods have no control groups of their own: {}", e.getMessage());
      return new PodCgroups(new NoGroups(), maxPids);
    }
  }

  /** What the machine has, with what pods do not get of it. */
  static NodeCapacity capacity(AgentOptions options) throws IOException {
    NodePolicy policy = options.policy();
    NodeCapacity whole = NodeCapacity.read(options.dataDir(), policy.maxPods());
    return withoutEvictions(whole.keeping(policy.reserved()), policy.eviction());
  }

  /** With what must stay free lest pods have to leave. */
  static NodeCapacity withoutEvictions(NodeCapacity capacity, EvictionPolicy policy) {
    return capacity.keeping(
        Map.of(
            ResourceList.MEMORY,
            policy.keptFree(Signal.MEMORY_AVAILABLE, capacity.total(ResourceList.MEMORY)),
            ResourceList.EPHEMERAL_STORAGE,
            policy.keptFree(
                Signal.NODEFS_AVAILABLE, capacity.total(ResourceList.EPHEMERAL_STORAGE))));
  }

  /** Who makes groups that the engine's containers can lie in. */
  static GroupDriver driver(AgentOptions options, HostAbilities host, NodeEngine engine)
      throws IOException {
    if (engine.usesSystemdCgroups()) {
      return new SystemdSlices(MOUNT, options.cgroupRoot());
    }
    return new FileGroups(
        MOUNT,
        options.cgroupRoot(),
        host.cgroupV2() ? FileGroups.Version.TWO : FileGroups.Version.ONE);
  }

  /** Sizes of huge pages whose use control groups can bound. */
  static Set<String> pageSizes() throws IOException {
    Set<String> sizes = new TreeSet<>();
    boolean bounded =
        Files.isDirectory(MOUNT.resolve("hugetlb"))
            || Files.exists(MOUNT.resolve("cgroup.controllers"))
                && Files.readString(MOUNT.resolve("cgroup.controllers")).contains("hugetlb");
    if (!bounded) {
      return sizes;
    }
    Path pools = Path.of("/sys/kernel/mm/hugepages");
    try (DirectoryStream<Path> all = Files.newDirectoryStream(pools, "hugepages-*kB")) {
      for (Path each : all) {
        String kibi = each.getFileName().toString().replaceAll("\\D", "");
        sizes.add(PageSize.ofBytes(Long.parseLong(kibi) * 1024));
      }
    } catch (NoSuchFileException _) {
      // A kernel without huge pages.
    }
    return sizes;
  }

  static void purge(GroupDriver driver) throws IOException, InterruptedException {
    new PodCgroups(driver, OptionalLong.empty()).purge();
  }
}
