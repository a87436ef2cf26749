package dev.wherry.agent.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class NetworkNamespaceTest {

  /** A namespace with a listener, kept by a process. */
  private record Elsewhere(ServerSocket listener, Process keeper) implements AutoCloseable {
    static Elsewhere open() throws Exception {
      CompletableFuture<Elsewhere> made = new CompletableFuture<>();
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  OwnNetwork.unshareNetwork();
                  made.complete(
                      new Elsewhere(
                          new ServerSocket(0, 1, InetAddress.getLoopbackAddress()),
                          new ProcessBuilder("sleep", "infinity").start()));
                } catch (Exception e) {
                  made.completeExceptionally(e);
                }
              });
      return made.get();
    }

    @Override
    public void close() throws IOException, InterruptedException {
      listener.close();
      keeper.destroyForcibly().waitFor();
    }
  }

  @Test
  void reachesWhatListensInThere() throws Exception {
    try (Elsewhere elsewhere = Elsewhere.open()) {
      Path namespace = Path.of("/proc", Long.toString(elsewhere.keeper().pid()), "ns/net");
      InetSocketAddress address =
          new InetSocketAddress(
              InetAddress.getLoopbackAddress(), elsewhere.listener().getLocalPort());
      try (SocketChannel channel =
              NetworkNamespace.call(namespace, () -> SocketChannel.open(address));
          Socket accepted = elsewhere.listener().accept()) {
        assertThat(accepted.getPort())
            .isEqualTo(((InetSocketAddress) channel.getLocalAddress()).getPort());
      }
      elsewhere.listener().close();
      assertThatThrownBy(() -> NetworkNamespace.call(namespace, () -> SocketChannel.open(address)))
          .isInstanceOf(ConnectException.class)
          .hasMessage("Connection refused");
    }
  }

  @Test
  void saysThatThereIsNoSuchNamespace() {
    assertThatThrownBy(() -> NetworkNamespace.call(Path.of("/proc/self/ns/nothing"), () -> 0))
        .isInstanceOf(IOException.class)
        .hasMessage("open /proc/self/ns/nothing: ENOENT");
  }
}
