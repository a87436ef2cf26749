package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.host.OwnNetwork;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Several clients, questions and connections at a time, in a network namespace of its own. */
@ExtendWith(OwnNetwork.class)
class SharedQuestionsTest {
  private static final InetAddress OURS = InetAddress.ofLiteral("127.0.0.10");
  private static final InetAddress UPSTREAM = InetAddress.ofLiteral("127.0.0.11");

  @TempDir Path directory;

  private DnsServer start(InetAddress address, InetAddress upstream) throws Exception {
    Path resolv =
        Files.writeString(
            directory.resolve(address.getHostAddress()),
            "nameserver " + upstream.getHostAddress() + "\n");
    DnsServer server =
        DnsServer.start(ClusterZone.follow(new DesiredState(), "cluster.local"), address, resolv);
    assertThat(server.awaitServing(Duration.ofMinutes(1))).isTrue();
    return server;
  }

  private static DatagramPacket receive(DatagramSocket socket) throws IOException {
    socket.setSoTimeout(60_000);
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    socket.receive(packet);
    return packet;
  }

  /** Each hears the answer with its own id and spelling. */
  @Test
  void oneQuestionIsAskedForAllWhoWait() throws Exception {
    List<String> spellings =
        List.of(
            "a.example.org", "A.example.org", "a.Example.ORG", "a.eXample.org", "a.exAmple.org");
    try (DnsServer _ = start(OURS, UPSTREAM);
        Answering upstream = Answering.silentAt(UPSTREAM.getHostAddress(), 53, 1);
        DatagramSocket client = new DatagramSocket(0, OURS)) {
      for (int i = 0; i < spellings.size(); i++) {
        byte[] query = DnsClient.query(spellings.get(i), DnsQuestion.A);
        query[1] = (byte) i;
        client.send(new DatagramPacket(query, query.length, OURS, 53));
      }
      // By now all were received: one thread serves them in their order, this one at once.
      byte[] own = DnsClient.query("cluster.local", DnsQuestion.A);
      client.send(new DatagramPacket(own, own.length, OURS, 53));
      assertThat(receive(client).getData()).startsWith(0x12, 0x34);

      upstream.speak();
      List<String> heard = new ArrayList<>();
      for (int i = 0; i < spellings.size(); i++) {
        byte[] response = receive(client).getData();
        assertThat(response[1]).as("id").isEqualTo((byte) i);
        assertThat(DnsQuestion.u16(response, 6)).as("answers").isEqualTo(1);
        String name = new String(response, 13, 13, StandardCharsets.ISO_8859_1);
        heard.add(name.replace((char) 7, '.').replace((char) 3, '.'));
      }
      assertThat(heard).isEqualTo(spellings);
      assertThat(upstream.asked()).as("once, and again while it was silent").hasSizeLessThan(5);
    }
  }

  @Test
  void serversThatAskEachOtherGiveUp() throws Exception {
    try (DnsServer _ = start(OURS, UPSTREAM);
        DnsServer _ = start(UPSTREAM, OURS)) {
      byte[] response = DnsClient.askUdp(OURS, DnsClient.query("a.example.org", DnsQuestion.A));
      assertThat(DnsClient.rcode(response)).isEqualTo(DnsAnswer.RCODE_SERVER_FAILURE);
    }
  }

  @Test
  void questionsOfOneConnectionAreAnsweredInTheirOrder() throws Exception {
    try (DnsServer _ = start(OURS, UPSTREAM);
        Socket socket = new Socket(OURS, 53)) {
      socket.setSoTimeout(60_000);
      ByteArrayOutputStream several = new ByteArrayOutputStream();
      for (int i = 0; i < 20; i++) {
        byte[] query = DnsClient.query("n" + i + ".cluster.local", DnsQuestion.A);
        query[1] = (byte) i;
        several.write(0);
        several.write(query.length);
        several.writeBytes(query);
      }
      byte[] bytes = several.toByteArray();
      socket.getOutputStream().write(bytes, 0, 33); // cut somewhere
      socket.getOutputStream().write(bytes, 33, bytes.length - 33);
      DataInputStream in = new DataInputStream(socket.getInputStream());
      for (int i = 0; i < 20; i++) {
        byte[] response = in.readNBytes(in.readUnsignedShort());
        assertThat(response[1]).as("id").isEqualTo((byte) i);
        assertThat(DnsClient.rcode(response)).isEqualTo(DnsAnswer.RCODE_NO_SUCH_NAME);
      }
    }
  }

  @Test
  void aClientWithManyConnectionsLeavesTheOthersTheirs() throws Exception {
    InetAddress other = InetAddress.ofLiteral("127.0.0.99");
    List<Socket> opened = new ArrayList<>();
    try (DnsServer _ = start(OURS, UPSTREAM)) {
      for (int i = 0; i < DnsServer.MAX_CONNECTIONS; i++) {
        opened.add(new Socket(OURS, 53, other, 0));
      }
      Socket last = opened.getLast();
      last.setSoTimeout(60_000);
      assertThat(last.getInputStream().read()).as("closed").isEqualTo(-1);
      byte[] response = DnsClient.askTcp(OURS, DnsClient.query("cluster.local", DnsQuestion.SOA));
      assertThat(DnsQuestion.u16(response, 6)).as("answers").isEqualTo(1);
      assertThat(DnsClient.askOver(opened.getFirst(), DnsClient.query("cluster.local", 1)))
          .as("those within the bound stay")
          .startsWith(0x12, 0x34);
    } finally {
      for (Socket each : opened) {
        each.close();
      }
    }
  }
}
