package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Other name servers, as their file changes. */
class UpstreamsTest {
  private static final InetAddress OURS = InetAddress.ofLiteral("10.43.0.10");

  @TempDir private Path directory;
  private Path file;
  private Upstreams upstreams;
  private long now;

  @BeforeEach
  void start() {
    file = directory.resolve("resolv.conf");
    upstreams = new Upstreams(file, OURS, StubDomains.follow(new DesiredState()));
    now = System.nanoTime();
  }

  /** What is found at the next look. */
  private List<String> found() {
    now += Upstreams.LOOK_EVERY.toNanos();
    return upstreams.servers(now).stream()
        .map(InetSocketAddress::getAddress)
        .map(InetAddress::getHostAddress)
        .toList();
  }

  private void write(String text, long changedMillis) throws IOException {
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(changedMillis));
  }

  @Test
  void takesThreeThatAreAddressesAndNotItself() throws IOException {
    write(
        """
        # nameserver 192.0.2.99
        search example.org
        nameserver 10.43.0.10
        nameserver   192.0.2.1
        nameserver nowhere
        nameserver 2001:db8::1
        nameserver 192.0.2.3
        nameserver 192.0.2.4
        """,
        1_000);
    assertThat(found()).containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1", "192.0.2.3");
  }

  @Test
  void readsAChangedFileAtTheNextLook() throws IOException {
    assertThat(found()).as("a node without a network").isEmpty();
    write("nameserver 192.0.2.1\n", 1_000);
    assertThat(found()).containsExactly("192.0.2.1");
    write("nameserver 192.0.2.2\n", 2_000);
    assertThat(upstreams.servers(now)).as("not looked at yet").hasSize(1);
    assertThat(found()).containsExactly("192.0.2.2");
  }

  @Test
  void findsAFileThatWasPutBack() throws IOException {
    write("nameserver 192.0.2.1\n", 1_000);
    assertThat(found()).containsExactly("192.0.2.1");
    Path away = Files.move(file, directory.resolve("away"));
    assertThat(found()).isEmpty();
    Files.move(away, file);
    assertThat(found()).containsExactly("192.0.2.1");
  }
}
