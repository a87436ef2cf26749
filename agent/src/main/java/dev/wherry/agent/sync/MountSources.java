package dev.wherry.agent.sync;

import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.runtime.ContainerSpec.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** Looks whether the sources of a container's mounts are fit to be mounted. */
final class MountSources {
  private MountSources() {}

  /**
   * Makes directories that are missing, as engines do, and checks that mounts made later can travel
   * where the pod wants them to: an engine takes a private source without a word.
   *
   * @throws ConfigException with the words of Kubernetes' runtimes
   */
  static void check(List<Mount> mounts) throws IOException {
    for (Mount each : mounts) {
      if (!Files.exists(each.source())) {
        Files.createDirectories(each.source());
      }
      if (!each.propagation().equals("rprivate")) {
        propagates(each, Mounts.of(each.source().toRealPath()));
      }
    }
  }

  static void propagates(Mount mount, Mounts.Mount source) throws ConfigException {
    boolean wantsShared = mount.propagation().equals("rshared");
    if (!source.isShared() && (wantsShared || !source.isSlave())) {
      throw new ConfigException(
          "path \""
              + mount.source()
              + "\" is mounted on \""
              + source.target()
              + "\" but it is not a shared "
              + (wantsShared ? "" : "or slave ")
              + "mount");
    }
  }
}
