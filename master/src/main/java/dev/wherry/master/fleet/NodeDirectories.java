package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.RemoveDirectoryRequest;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Directories of volumes on nodes, reached through their agents. Blocks; thread-safe. */
public final class NodeDirectories {
  /** A large tree on a slow card takes its time. */
  static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final FleetService fleet;

  public NodeDirectories(FleetService fleet) {
    this.fleet = fleet;
  }

  /**
   * Removes the directory with all that is in it; one that is not there is removed already.
   *
   * @throws StatusException when the node is not in reach, refuses or does not end in time
   */
  public void remove(NodeName node, String path) {
    TunnelStream tunnel =
        fleet.open(
            node,
            OpenTunnel.newBuilder()
                .setRemoveDirectory(RemoveDirectoryRequest.newBuilder().setPath(path)));
    try {
      tunnel.exit().orTimeout(TIMEOUT.toSeconds(), TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof StatusException status) {
        throw status;
      }
      throw StatusException.of(
          Reason.TIMEOUT, "node \"" + node + "\" did not remove " + path + " in time");
    } finally {
      tunnel.close();
    }
  }
}
