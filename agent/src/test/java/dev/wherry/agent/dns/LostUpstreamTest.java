package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.host.OwnNetwork;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What clients hear once the only other server is lost, over sockets, in a namespace of its own.
 */
@ExtendWith(OwnNetwork.class)
class LostUpstreamTest {
  private static final InetAddress OURS = InetAddress.ofLiteral("127.0.0.10");
  private static final InetAddress UPSTREAM = InetAddress.ofLiteral("127.0.0.11");
  private static final byte[] KNOWN = DnsClient.query("a.example.org", DnsQuestion.A);
  private static final byte[] UNKNOWN = DnsClient.query("b.example.org", DnsQuestion.A);

  @TempDir Path directory;

  /** What a server does to every question after its first. */
  enum Loss {
    REFUSES,
    IS_SILENT,
    IS_GONE
  }

  /** A server whose only answer is good for a second. */
  private static final class OneAnswer implements AutoCloseable {
    private final DatagramSocket socket;
    private final Loss then;
    private final Thread serving;

    OneAnswer(Loss then) throws IOException {
      this.then = then;
      socket = new DatagramSocket(53, UPSTREAM);
      serving = Thread.startVirtualThread(this::serve);
    }

    private void serve() {
      DatagramPacket packet = new DatagramPacket(new byte[512], 512);
      try {
        socket.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        DnsQuestion question = DnsQuestion.parse(query, query.length).orElseThrow();
        DnsAnswer.Data address =
            new DnsAnswer.Data.Foreign(
                question.name(),
                DnsQuestion.A,
                1,
                new String(new byte[] {10, 0, 0, 1}, StandardCharsets.ISO_8859_1));
        byte[] answer = DnsAnswer.of(List.of(address)).render(query, question, "example.org", 512);
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        lose(packet);
      } catch (IOException _) {
        // closed
      }
    }

    private void lose(DatagramPacket packet) throws IOException {
      if (then == Loss.IS_GONE) {
        socket.close();
      }
      while (true) {
        socket.receive(packet);
        if (then == Loss.REFUSES) {
          packet.getData()[2] |= (byte) 0x80; // a response
          packet.getData()[3] = 5;
          socket.send(packet);
        }
      }
    }

    /** The address is free again only once nobody reads from the socket. */
    @Override
    public void close() throws InterruptedException {
      socket.close();
      serving.join();
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatWasTrueBeforeIsAnswered(Loss loss) throws Exception {
    Path resolv = Files.writeString(directory.resolve("resolv.conf"), "nameserver 127.0.0.11\n");
    ClusterZone zone = ClusterZone.follow(new DesiredState(), "cluster.local");
    try (OneAnswer _ = new OneAnswer(loss);
        DnsServer server = DnsServer.start(zone, OURS, resolv)) {
      assertThat(server.awaitServing(Duration.ofMinutes(1))).isTrue();
      assertThat(DnsClient.rcode(DnsClient.askUdp(OURS, KNOWN))).isZero();

      byte[] stale = awaitStale();
      assertThat(Chase.answers(stale)).hasSize(1);
      assertThat(DnsClient.askTcp(OURS, KNOWN)).as("over TCP").isEqualTo(stale);
      assertThat(DnsClient.rcode(DnsClient.askUdp(OURS, UNKNOWN)))
          .as("what was never known")
          .isIn(DnsAnswer.RCODE_SERVER_FAILURE, 5);
    }
  }

  /** The answer that is given once the time to live of the first is over. */
  private static byte[] awaitStale() throws IOException {
    long deadline = System.nanoTime() + Duration.ofMinutes(1).toNanos();
    while (true) {
      byte[] response = DnsClient.askUdp(OURS, KNOWN);
      assertThat(DnsClient.rcode(response)).isZero();
      List<DnsAnswer.Data> answers = Chase.answers(response);
      if (answers.getFirst() instanceof DnsAnswer.Data.Foreign(_, _, int seconds, _)
          && seconds == AnswerCache.STALE_SECONDS) {
        return response;
      }
      assertThat(deadline - System.nanoTime()).as("in time").isPositive();
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }
}
