package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.api.address.Ip;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;

/** One thread serves all who ask over UDP: no message, however malformed, may end it. */
class HostileMessagesTest {
  private static final int MESSAGES = 20_000;
  private static final String ZONE = "cluster.local";

  /** Bytes that mean something where names, counts and lengths are. */
  private static final byte[] TELLING = {0, 1, 2, 12, 41, 63, 64, (byte) 0xbf, (byte) 0xc0, -1};

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  /** The message with some bytes changed, and cut somewhere as often as not. */
  private byte[] spoiled(byte[] message, int firstByte) {
    byte[] spoiled = message.clone();
    for (int left = random.nextInt(4); left > 0; left--) {
      int at = firstByte + random.nextInt(spoiled.length - firstByte);
      spoiled[at] =
          random.nextBoolean()
              ? TELLING[random.nextInt(TELLING.length)]
              : (byte) random.nextInt(256);
    }
    int cut = random.nextBoolean() ? spoiled.length : random.nextInt(spoiled.length + 1);
    return Arrays.copyOf(spoiled, cut);
  }

  private static byte[] extended(byte[] query) {
    byte[] extended = Arrays.copyOf(query, query.length + DnsQuestion.OPT_BYTES);
    extended[11] = 1;
    extended[query.length + 2] = DnsQuestion.OPT;
    return extended;
  }

  private void survives(byte[] message, Runnable reading) {
    assertThatCode(reading::run)
        .as("seed %d, message %s", seed, HexFormat.of().formatHex(message))
        .doesNotThrowAnyException();
  }

  @RepeatedTest(2)
  void ofClients() {
    byte[] plain = DnsClient.query("Web.default.svc.cluster.local", DnsQuestion.A);
    byte[] shortest = Arrays.copyOf(plain, DnsQuestion.HEADER_BYTES + 1);
    List<byte[]> queries = List.of(plain, extended(plain), shortest);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] query = spoiled(queries.get(i % queries.size()), 2);
      survives(query, () -> answer(query));
    }
  }

  private static void answer(byte[] query) {
    Optional<DnsQuestion> question = DnsQuestion.parse(query, query.length);
    if (question.isEmpty()) {
      DnsAnswer.renderUnread(query);
    } else if (question.get().isOfLaterEdns(query)) {
      DnsAnswer.renderBadVersion(query, question.get());
    } else {
      DnsAnswer.NO_SUCH_NAME.render(query, question.get(), ZONE, question.get().udpBytes());
      question.get().forwarded(query);
    }
  }

  @RepeatedTest(2)
  void ofOtherServers() {
    byte[] query = extended(DnsClient.query("web.example.org", DnsQuestion.A));
    DnsQuestion question = DnsQuestion.parse(query, query.length).orElseThrow();
    byte[] response =
        DnsAnswer.of(
                List.of(
                    new Data.Alias("www.example.org"),
                    new Data.At("www.example.org", new Data.Address(Ip.ofIpv4(1)))))
            .with(List.of(new Data.Authority("example.org")))
            .render(query, question, "example.org", DnsQuestion.MAX_UDP_BYTES);
    for (int i = 0; i < MESSAGES; i++) {
      byte[] spoiled = spoiled(response, 2);
      survives(spoiled, () -> take(query, question, spoiled));
    }
  }

  private static void take(byte[] query, DnsQuestion question, byte[] response) {
    if (question.isAnsweredBy(response, question.id())) {
      DnsAnswer.isFailure(response);
      AnswerCache cache = new AnswerCache(new DnsCounts());
      cache.put(query, question, response, 0);
      cache.find(query, question, response.length, 1);
      DnsAnswer alias = DnsAnswer.of(List.of(new Data.Alias("web.example.org")));
      Chase.join(alias, response, query, question, ZONE, DnsQuestion.MAX_UDP_BYTES);
    }
  }
}
