package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.api.address.Ip;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Messages, byte for byte. */
class DnsMessagesTest {
  private static final byte[] QUERY = DnsClient.query("Web.Example.org", DnsQuestion.A);

  private static DnsQuestion question(byte[] query) {
    return DnsQuestion.parse(query, query.length).orElseThrow();
  }

  /** With an OPT record that has a cookie. */
  private static byte[] withCookie(byte[] query, int udpBytes, int flags) {
    byte[] extended = Arrays.copyOf(query, query.length + 23);
    extended[11] = 1;
    int at = query.length;
    extended[at + 2] = DnsQuestion.OPT;
    extended[at + 3] = (byte) (udpBytes >>> 8);
    extended[at + 4] = (byte) udpBytes;
    extended[at + 7] = (byte) flags;
    extended[at + 10] = 12; // of options
    extended[at + 12] = 10; // COOKIE
    extended[at + 14] = 8;
    Arrays.fill(extended, at + 15, at + 23, (byte) 'c');
    return extended;
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a status request         |  2 | 0x11 | 4
          an update                |  2 | 0x29 | 4
          no question              |  5 | 0x00 | 1
          two questions            |  5 | 0x02 | 1
          a label past the message | 16 | 0x3f | 1
          a compressed question    | 12 | 0xc0 | 1
          class CHAOS              | 32 | 0x03 | 5
          class ANY                | 32 | 0xff | 5
          """)
  void saysWhyAQueryIsNotAnswered(String what, int at, String value, int rcode) {
    byte[] query = QUERY.clone();
    query[at] = (byte) Integer.decode(value).intValue();
    assertThat(DnsQuestion.parse(query, query.length)).as(what).isEmpty();

    byte[] response = DnsAnswer.renderUnread(query).orElseThrow();
    assertThat(DnsClient.rcode(response)).isEqualTo(rcode);
    assertThat(response).hasSize(DnsQuestion.HEADER_BYTES).startsWith(0x12, 0x34);
    assertThat(response[2] & 0x80).as("a response").isNotZero();
    assertThat(DnsQuestion.u16(response, 4)).as("questions").isZero();
  }

  @Test
  void answersNoAnswersAndNothingShorterThanAHeader() {
    byte[] response = QUERY.clone();
    response[2] |= (byte) 0x80;
    assertThat(DnsAnswer.renderUnread(response)).isEmpty();
    for (int length = 0; length < DnsQuestion.HEADER_BYTES; length++) {
      assertThat(DnsAnswer.renderUnread(Arrays.copyOf(QUERY, length))).isEmpty();
    }
  }

  @Test
  void anEncodedNameEndsOnce() {
    assertThat(DnsAnswer.encode("a.b")).containsExactly(1, 'a', 1, 'b', 0);
    assertThat(DnsAnswer.encode("")).as("the root").containsExactly(0);
  }

  @Test
  void aQuestionThatEndsInTheMiddleOfAPointerIsMalformed() {
    byte[] query = Arrays.copyOf(QUERY, DnsQuestion.HEADER_BYTES + 1);
    query[DnsQuestion.HEADER_BYTES] = (byte) 0xc0;
    assertThat(DnsClient.rcode(DnsAnswer.renderUnread(query).orElseThrow()))
        .isEqualTo(DnsAnswer.RCODE_MALFORMED);
  }

  @Test
  void anotherServerHearsNothingOfAClientsExtensionsButItsWishForSignatures() {
    byte[] query = withCookie(QUERY, 1_000, 0x80);
    byte[] asked = question(query).forwarded(query);
    assertThat(asked).hasSize(QUERY.length + DnsQuestion.OPT_BYTES);
    assertThat(Arrays.copyOf(asked, 11)).isEqualTo(Arrays.copyOf(query, 11));
    assertThat(question(asked)).isEqualTo(question(query));
    assertThat(question(asked).udpBytes()).isEqualTo(1_000);
    assertThat(question(asked).wantsSignatures(asked)).isTrue();

    byte[] unsigned = withCookie(QUERY, 1_000, 0);
    assertThat(question(unsigned).wantsSignatures(unsigned)).isFalse();
    assertThat(question(QUERY).forwarded(QUERY)).isEqualTo(QUERY);
  }

  @Test
  void anAnswerWithoutSignaturesIsNotForWhoWantsThem() {
    AnswerCache cache = new AnswerCache(new DnsCounts());
    byte[] unsigned = withCookie(QUERY, 1_000, 0);
    byte[] signed = withCookie(QUERY, 1_000, 0x80);
    byte[] answer = addresses(1).render(unsigned, question(unsigned), "example.org", 512);
    cache.put(unsigned, question(unsigned), answer, 0);
    assertThat(cache.find(unsigned, question(unsigned), 512, 1)).isPresent();
    assertThat(cache.find(signed, question(signed), 512, 1)).isEmpty();
  }

  private static DnsAnswer addresses(int count) {
    return DnsAnswer.of(
        IntStream.range(0, count)
            .<Data>mapToObj(each -> new Data.Address(Ip.ofIpv4(each)))
            .toList());
  }

  @Test
  void addressesTakeTurns() {
    DnsAnswer three = addresses(3);
    assertThat(IntStream.range(0, 4).mapToObj(turn -> three.turned(turn).records().getFirst()))
        .containsExactly(
            new Data.Address(Ip.ofIpv4(0)),
            new Data.Address(Ip.ofIpv4(2)),
            new Data.Address(Ip.ofIpv4(1)),
            new Data.Address(Ip.ofIpv4(0)));
    assertThat(three.turned(-1).records()).hasSize(3);
    DnsAnswer alias =
        DnsAnswer.of(
            List.of(new Data.Alias("b.org"), new Data.At("b.org", new Data.Address(Ip.ofIpv4(1)))));
    assertThat(alias.turned(1)).as("an alias goes first").isEqualTo(alias);
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource({"it was cut, 0x02, 0", "it failed, 0, 2", "there is no such name, 0, 3"})
  void whatIsWrongBehindAnAliasIsSaid(String what, String flags, int rcode) {
    byte[] behind = addresses(1).render(QUERY, question(QUERY), "example.org", 512);
    behind[2] |= (byte) Integer.decode(flags).intValue();
    behind[3] |= (byte) rcode;
    DnsAnswer alias = DnsAnswer.of(List.of(new Data.Alias("web.example.org")));
    byte[] query = DnsClient.query("out.default.svc.cluster.local", DnsQuestion.A);
    byte[] joined =
        Chase.join(
            alias, behind, query, question(query), "cluster.local", DnsQuestion.MAX_UDP_BYTES);
    assertThat(DnsQuestion.u16(joined, 6)).as("alias and address").isEqualTo(2);
    assertThat(joined[2] & 0x02).as(what).isEqualTo(Integer.decode(flags));
    assertThat(DnsClient.rcode(joined)).as(what).isEqualTo(rcode);
  }

  @Test
  void whatGoesWithAnAnswerIsLeftOutForWantOfRoomWithoutAWord() {
    byte[] query = withCookie(QUERY, 1_232, 0);
    Data server = new Data.Server(80, "a.example.org");
    Data address = new Data.At("a.example.org", new Data.Address(Ip.ofIpv4(1)));
    DnsAnswer answer = DnsAnswer.of(List.of(server)).with(List.of(address));

    byte[] whole = answer.render(query, question(query), "example.org", 1_232);
    byte[] shorter = answer.render(query, question(query), "example.org", whole.length - 1);

    assertThat(DnsQuestion.u16(whole, 10)).as("the address and this server's EDNS").isEqualTo(2);
    assertThat(DnsQuestion.u16(shorter, 10)).as("EDNS alone").isOne();
    assertThat(DnsQuestion.u16(shorter, 6)).as("the answer itself").isOne();
    assertThat(shorter[2] & AnswerCache.TRUNCATED).as("cut").isZero();
  }
}
