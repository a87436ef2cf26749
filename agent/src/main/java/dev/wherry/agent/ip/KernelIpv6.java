package dev.wherry.agent.ip;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Whether the kernel has IPv6 at all: it may have been started without ({@code ipv6.disable=1}).
 */
final class KernelIpv6 {
  /** There where the kernel has IPv6, though it may be off for every interface. */
  private static final Path SETTINGS = Path.of("/proc/sys/net/ipv6");

  private KernelIpv6() {}

  /** Those of the changes that mean something to this kernel; it refuses the others. */
  static List<IpChange> possible(List<IpChange> changes) {
    return possible(changes, SETTINGS);
  }

  static List<IpChange> possible(List<IpChange> changes, Path settings) {
    return Files.exists(settings)
        ? changes
        : changes.stream().filter(each -> !(each instanceof IpChange.NoGeneratedAddress)).toList();
  }
}
