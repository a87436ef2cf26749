package dev.wherry.agent.linux;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Over loopback sockets. */
class DatagramBatchTest {
  private static final int BYTES = 64;

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "::1"})
  void answersEachSenderOfARound(String address) throws IOException {
    try (DatagramChannel channel = bound(address);
        DatagramBatch batch = DatagramBatch.of(channel, 4, BYTES).orElseThrow();
        DatagramSocket one = client(channel);
        DatagramSocket other = client(channel)) {
      say(one, "from one");
      say(other, "from the other");

      assertThat(batch.receive()).isEqualTo(2);
      assertThat(text(batch.datagram(0))).isEqualTo("from one");
      assertThat(batch.sender(0)).isEqualTo(one.getLocalSocketAddress());
      assertThat(text(batch.datagram(1))).isEqualTo("from the other");
      assertThat(batch.sender(1)).isEqualTo(other.getLocalSocketAddress());
      answer(batch, 0, "a long answer to the first one");
      answer(batch, 1, "a short one");
      batch.send();

      assertThat(heard(one)).isEqualTo("a long answer to the first one");
      assertThat(heard(other)).isEqualTo("a short one");
    }
  }

  @Test
  void oneThatIsNotAnsweredLeavesTheOthersTheirAnswers() throws IOException {
    try (DatagramChannel channel = bound("127.0.0.1");
        DatagramBatch batch = DatagramBatch.of(channel, 4, BYTES).orElseThrow();
        DatagramSocket one = client(channel);
        DatagramSocket other = client(channel)) {
      say(one, "unknown");
      say(other, "known");

      assertThat(batch.receive()).isEqualTo(2);
      answer(batch, 1, "yes");
      batch.send();
      channel.send(ByteBuffer.wrap("later".getBytes(US_ASCII)), batch.sender(0));

      assertThat(heard(other)).isEqualTo("yes");
      assertThat(heard(one)).isEqualTo("later");
    }
  }

  @Test
  void takesNoMoreThanARoundAndTheRestInTheNext() throws IOException {
    try (DatagramChannel channel = bound("127.0.0.1");
        DatagramBatch batch = DatagramBatch.of(channel, 2, BYTES).orElseThrow();
        DatagramSocket client = client(channel)) {
      for (String each : List.of("first", "second", "x".repeat(BYTES + 1))) {
        say(client, each);
      }

      assertThat(batch.receive()).isEqualTo(2);
      answer(batch, 0, "one");
      batch.send();
      assertThat(batch.receive()).isOne();
      assertThat(text(batch.datagram(0))).as("the rest is lost").isEqualTo("x".repeat(BYTES));
      answer(batch, 0, "three");
      batch.send();
      assertThat(batch.receive()).isZero();

      assertThat(heard(client)).isEqualTo("one");
      assertThat(heard(client)).isEqualTo("three");
    }
  }

  @Test
  void aClientThatCannotBeReachedDoesNotKeepTheOthersWaiting() throws IOException {
    try (DatagramChannel channel = bound("127.0.0.1");
        DatagramBatch batch = DatagramBatch.of(channel, 4, BYTES).orElseThrow();
        DatagramSocket gone = client(channel);
        DatagramSocket there = client(channel)) {
      say(gone, "asks and leaves");
      gone.close();
      say(there, "waits");

      assertThat(batch.receive()).isEqualTo(2);
      answer(batch, 0, "too late");
      answer(batch, 1, "in time");
      batch.send();

      assertThat(heard(there)).isEqualTo("in time");
      say(there, "again");
      assertThat(batch.receive()).as("the socket goes on").isOne();
    }
  }

  @Test
  void theSocketIsFoundByItsAddressAndPort() {
    List<String> table =
        List.of(
            "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid"
                + "  timeout inode ref pointer drops",
            "   92: 0A002B0A:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0"
                + "        0 4711 2 0000000000000000 0",
            "  103: 0A002B0A:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000     0"
                + "        0 4712 2 0000000000000000 0");

    assertThat(BoundSocket.inode(table, new InetSocketAddress("10.43.0.10", 5353)))
        .contains("4712");
    assertThat(BoundSocket.inode(table, new InetSocketAddress("10.43.0.11", 53))).isEmpty();
  }

  private static DatagramChannel bound(String address) throws IOException {
    DatagramChannel channel =
        DatagramChannel.open(
            address.contains(":") ? StandardProtocolFamily.INET6 : StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(InetAddress.ofLiteral(address), 0));
    channel.configureBlocking(false);
    return channel;
  }

  private static DatagramSocket client(DatagramChannel of) throws IOException {
    InetSocketAddress server = (InetSocketAddress) of.getLocalAddress();
    DatagramSocket socket = new DatagramSocket(new InetSocketAddress(server.getAddress(), 0));
    socket.connect(server);
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void say(DatagramSocket socket, String text) throws IOException {
    socket.send(new DatagramPacket(text.getBytes(US_ASCII), text.length()));
  }

  private static String heard(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[BYTES], BYTES);
    socket.receive(packet);
    return new String(packet.getData(), 0, packet.getLength(), US_ASCII);
  }

  private static String text(ByteBuffer bytes) {
    return US_ASCII.decode(bytes).toString();
  }

  private static void answer(DatagramBatch batch, int i, String text) {
    batch.datagram(i).clear().put(text.getBytes(US_ASCII)).flip();
    batch.reply(i);
  }
}
