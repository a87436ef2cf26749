package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Over loopback, with many datagrams for each system call and with one. */
class UdpQuestionsTest {
  private static final long VERSION = 7;

  enum Way {
    MANY {
      @Override
      UdpQuestions open(DatagramChannel channel) throws IOException {
        return UdpQuestions.of(channel);
      }
    },
    ONE {
      @Override
      UdpQuestions open(DatagramChannel channel) {
        return UdpQuestions.singly(channel);
      }
    };

    abstract UdpQuestions open(DatagramChannel channel) throws IOException;
  }

  private final List<byte[]> handedOn = new ArrayList<>();

  @ParameterizedTest
  @EnumSource(Way.class)
  void handsAQuestionOnOnceAndAnswersTheNextOnesWithTheirOwnIds(Way way) throws IOException {
    try (DatagramChannel channel = bound();
        UdpQuestions questions = way.open(channel);
        DatagramSocket client = client(channel)) {
      byte[] query = DnsClient.query("web.default.svc.cluster.local", DnsQuestion.A);

      ask(client, query);
      receive(questions, VERSION);
      assertThat(heard(client)).startsWith(0x12, 0x34).endsWith(1, 2, 3);
      query[0] = 0x56;
      ask(client, query);
      receive(questions, VERSION);

      assertThat(heard(client)).startsWith(0x56, 0x34).endsWith(1, 2, 3);
      assertThat(handedOn).hasSize(1);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void asksAnewWhenNamesMeanSomethingElse(Way way) throws IOException {
    try (DatagramChannel channel = bound();
        UdpQuestions questions = way.open(channel);
        DatagramSocket client = client(channel)) {
      byte[] query = DnsClient.query("web.default.svc.cluster.local", DnsQuestion.A);

      for (long version : new long[] {VERSION, VERSION + 1}) {
        ask(client, query);
        receive(questions, version);
        heard(client);
      }

      assertThat(handedOn).hasSize(2);
    }
  }

  @ParameterizedTest
  @EnumSource(Way.class)
  void asManyAsARoundTakesAreAnsweredAtOnce(Way way) throws IOException {
    try (DatagramChannel channel = bound();
        UdpQuestions questions = way.open(channel);
        DatagramSocket client = client(channel)) {
      for (int i = 0; i < UdpQuestions.BATCH + 1; i++) {
        ask(client, DnsClient.query("n" + i + ".default.svc.cluster.local", DnsQuestion.A));
      }

      receive(questions, VERSION);
      assertThat(handedOn).hasSize(UdpQuestions.BATCH);
      receive(questions, VERSION);
      assertThat(handedOn).hasSize(UdpQuestions.BATCH + 1);
    }
  }

  /** An answer to a question is the question and three bytes. */
  private void receive(UdpQuestions questions, long version) throws IOException {
    questions.receive(
        version,
        (query, client) -> {
          handedOn.add(query);
          byte[] answer = Arrays.copyOf(query, query.length + 3);
          System.arraycopy(new byte[] {1, 2, 3}, 0, answer, query.length, 3);
          questions.keep(query, answer, new LongAdder());
          client.reply(answer);
        });
  }

  private static DatagramChannel bound() throws IOException {
    DatagramChannel channel = DatagramChannel.open(StandardProtocolFamily.INET);
    channel.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
    channel.configureBlocking(false);
    return channel;
  }

  private static DatagramSocket client(DatagramChannel of) throws IOException {
    DatagramSocket socket = new DatagramSocket();
    socket.connect(of.getLocalAddress());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static void ask(DatagramSocket socket, byte[] query) throws IOException {
    socket.send(new DatagramPacket(query, query.length));
  }

  private static byte[] heard(DatagramSocket socket) throws IOException {
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    socket.receive(packet);
    return Arrays.copyOf(packet.getData(), packet.getLength());
  }
}
