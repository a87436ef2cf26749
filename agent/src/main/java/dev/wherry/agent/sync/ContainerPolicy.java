package dev.wherry.agent.sync;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * What this node allows and gives its containers.
 *
 * @param memoryBytes that the machine has
 * @param seccompRoot below which profiles of type Localhost lie
 * @param unsafeSysctls that pods may set besides the safe ones: names, or prefixes that end in
 *     {@code *}
 * @param pageSizes of huge pages whose use the kernel can bound, as it names them: {@code 2MB}
 * @param unifiedCgroups whether control groups are of version 2
 */
public record ContainerPolicy(
    long memoryBytes,
    Path seccompRoot,
    List<String> unsafeSysctls,
    Set<String> pageSizes,
    boolean unifiedCgroups) {
  public ContainerPolicy {
    unsafeSysctls = List.copyOf(unsafeSysctls);
    pageSizes = Set.copyOf(pageSizes);
  }
}
