package dev.wherry.agent.device.plugin;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The socket that plugins register at, in a directory with those of their own.
 *
 * @param directory of the sockets
 */
record PluginSocket(Path directory) {
  /** As plugins know it. */
  static final String NAME = "kubelet.sock";

  Path path() {
    return directory.resolve(NAME);
  }

  /** Whether an agent listens there. */
  boolean isServed() {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(path()));
    } catch (IOException _) {
      return false;
    }
  }

  /** Removes it, and its directory and that one's where nothing else is in them. */
  void purge() throws IOException {
    if (isServed()) {
      return;
    }
    Files.deleteIfExists(path());
    for (Path each : List.of(directory, directory.resolve(".."))) {
      Path real = each.normalize();
      if (!Files.isDirectory(real)) {
        continue;
      }
      try (Stream<Path> content = Files.list(real)) {
        if (content.findAny().isPresent()) {
          return;
        }
      }
      Files.delete(real);
    }
  }
}
