package dev.wherry.agent.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The descriptor behind a {@link DatagramChannel}, which the JDK keeps to itself: the kernel tells
 * which socket has the channel's address (proc_net_udp(5)), and which descriptor is that socket.
 */
final class BoundSocket {
  private static final Path DESCRIPTORS = Path.of("/proc/self/fd");
  private static final Path NETWORK = Path.of("/proc/thread-self/net");
  private static final int LOCAL_ADDRESS = 1;
  private static final int INODE = 9;

  private BoundSocket() {}

  /**
   * Empty where it is not to be found.
   *
   * @param channel bound in the calling thread's network namespace, and to no address and port that
   *     another socket has as well
   */
  static Optional<Integer> descriptor(DatagramChannel channel) throws IOException {
    InetSocketAddress local = (InetSocketAddress) channel.getLocalAddress();
    String table = local.getAddress() instanceof Inet4Address ? "udp" : "udp6";
    Optional<String> inode = inode(Files.readAllLines(NETWORK.resolve(table)), local);
    return inode.isPresent() ? descriptorOf("socket:[" + inode.get() + "]") : Optional.empty();
  }

  /**
   * @param table the kernel's, with a line of headings
   */
  static Optional<String> inode(List<String> table, InetSocketAddress local) {
    String sought = text(local);
    for (String line : table) {
      String[] words = line.strip().split("\\s+");
      if (words.length > INODE && words[LOCAL_ADDRESS].equals(sought)) {
        return Optional.of(words[INODE]);
      }
    }
    return Optional.empty();
  }

  /** Words of 32 bits as this machine has them in memory, the port as people write it. */
  private static String text(InetSocketAddress local) {
    ByteBuffer address =
        ByteBuffer.wrap(local.getAddress().getAddress()).order(ByteOrder.nativeOrder());
    StringBuilder text = new StringBuilder();
    while (address.hasRemaining()) {
      text.append("%08X".formatted(address.getInt()));
    }
    return text.append(":%04X".formatted(local.getPort())).toString();
  }

  private static Optional<Integer> descriptorOf(String socket) throws IOException {
    try (Stream<Path> all = Files.list(DESCRIPTORS)) {
      return all.filter(each -> leadsTo(each, socket))
          .map(each -> Integer.valueOf(each.getFileName().toString()))
          .findFirst();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static boolean leadsTo(Path descriptor, String target) {
    try {
      return Files.readSymbolicLink(descriptor).toString().equals(target);
    } catch (NoSuchFileException _) {
      return false; // closed meanwhile
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
