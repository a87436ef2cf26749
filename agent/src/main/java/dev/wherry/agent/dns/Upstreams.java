package dev.wherry.agent.dns;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The name servers that the node itself uses, read again when their file changes: DHCP may bring
 * others; and those that the cluster names instead. Confined to one thread, but for {@link
 * #choice}'s.
 */
final class Upstreams {
  static final int DNS_PORT = 53;
  static final int MAX_SERVERS = 3;
  static final Duration LOOK_EVERY = Duration.ofSeconds(5);
  private static final FileTime NEVER = FileTime.fromMillis(0);

  private final Path file;
  private final InetAddress own;
  private final StubDomains stubs;
  private List<InetSocketAddress> servers = List.of();
  private FileTime readAt = NEVER;
  private long nextLookNanos;

  /**
   * @param file such as {@code /etc/resolv.conf}
   * @param own this server's address, which would be asked in circles
   */
  Upstreams(Path file, InetAddress own, StubDomains stubs) {
    this.file = file;
    this.stubs = stubs;
    this.own = own;
    this.nextLookNanos = System.nanoTime();
  }

  /** Whom to ask for a name, lower case and without the last dot. */
  List<InetSocketAddress> serversOf(String name) {
    return choice().apply(name);
  }

  /** The same for other threads, as it is now. */
  Function<String, List<InetSocketAddress>> choice() {
    List<InetSocketAddress> now = servers(System.nanoTime());
    return name -> stubs.serversOf(name).orElse(now);
  }

  /**
   * @param now as {@link System#nanoTime} tells it
   */
  List<InetSocketAddress> servers(long now) {
    if (now - nextLookNanos >= 0) {
      nextLookNanos = now + LOOK_EVERY.toNanos();
      try {
        FileTime changed = Files.getLastModifiedTime(file);
        if (!changed.equals(readAt)) {
          servers = parse(Files.readAllLines(file));
          readAt = changed;
        }
      } catch (IOException _) {
        servers = List.of(); // no file, no servers: a node without a network
        readAt = NEVER; // the same file may be put back
      }
    }
    return servers;
  }

  private List<InetSocketAddress> parse(List<String> lines) {
    List<InetSocketAddress> found = new ArrayList<>();
    for (String line : lines) {
      String[] words = line.strip().split("\\s+");
      if (words.length > 1 && words[0].equals("nameserver") && found.size() < MAX_SERVERS) {
        try {
          InetAddress address = InetAddress.ofLiteral(words[1]);
          if (!address.equals(own)) {
            found.add(new InetSocketAddress(address, DNS_PORT));
          }
        } catch (IllegalArgumentException _) {
          // The C library ignores what is no address as well.
        }
      }
    }
    return List.copyOf(found);
  }
}
