package dev.wherry.agent.dns;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.address.Ip;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The clock is an argument: what holds when, and how much of it. */
class AnswerCacheTest {
  private static final long TTL = Duration.ofSeconds(DnsAnswer.TTL_SECONDS).toNanos();
  private static final byte[] QUERY = DnsClient.query("a.example.org", DnsQuestion.A);

  private final AnswerCache cache = new AnswerCache(new DnsCounts());

  private static DnsQuestion question(byte[] query) {
    return DnsQuestion.parse(query, query.length).orElseThrow();
  }

  private void put(byte[] query, DnsAnswer answer, long now) {
    DnsQuestion question = question(query);
    cache.put(query, question, answer.render(query, question, "example.org", 65_535), now);
  }

  private static DnsAnswer address() {
    return DnsAnswer.of(List.of(new DnsAnswer.Data.Address(Ip.ofIpv4(1))));
  }

  private Optional<byte[]> find(long now) {
    return cache.find(QUERY, question(QUERY), 512, now);
  }

  private Optional<byte[]> findStale(long now) {
    return cache.findStale(QUERY, question(QUERY), 512, now);
  }

  private static int secondsToLive(byte[] response) {
    int at = AnswerCache.ttlOffsets(response, question(QUERY).end()).orElseThrow().getFirst();
    return response[at + 3];
  }

  @Test
  void answersGrowOld() {
    put(QUERY, address(), 0);

    assertThat(find(3_000_000_000L).map(AnswerCacheTest::secondsToLive))
        .contains(DnsAnswer.TTL_SECONDS - 3);
    assertThat(find(TTL)).isEmpty();
  }

  @Test
  void staleOnesAreThereForADay() {
    put(QUERY, address(), 0);

    assertThat(findStale(TTL).map(AnswerCacheTest::secondsToLive))
        .contains(AnswerCache.STALE_SECONDS);
    long end = TTL + AnswerCache.MAX_STALE.toNanos();
    assertThat(findStale(end - 1)).isPresent();
    assertThat(findStale(end)).isEmpty();
  }

  @Test
  void aFailureSavesTheNextQuestionsForAWhile() {
    put(QUERY, address(), 0);
    cache.rest(QUERY, question(QUERY), TTL);

    long end = TTL + AnswerCache.ASK_AGAIN.toNanos();
    assertThat(find(end - 1).map(AnswerCacheTest::secondsToLive))
        .contains(AnswerCache.STALE_SECONDS);
    assertThat(find(end)).isEmpty();
    put(QUERY, address(), end);
    assertThat(find(end).map(AnswerCacheTest::secondsToLive)).contains(DnsAnswer.TTL_SECONDS);
  }

  @Test
  void aFailureSaysNothingAboutWhatWasNeverKnown() {
    cache.rest(QUERY, question(QUERY), 0);

    assertThat(find(1)).isEmpty();
    assertThat(findStale(1)).isEmpty();
  }

  @Test
  void theOneAskedForLongestAgoLeaves() {
    put(QUERY, address(), 0);
    for (int i = 0; i < AnswerCache.MAX_ENTRIES; i++) {
      put(DnsClient.query("n" + i + ".example.org", DnsQuestion.A), address(), 0);
      assertThat(find(1)).isPresent();
    }
    byte[] first = DnsClient.query("n0.example.org", DnsQuestion.A);
    assertThat(cache.find(first, question(first), 512, 1)).isEmpty();
  }

  @Test
  void longAnswersAreNotKeptNorGivenToWhoTakesShortOnes() {
    DnsAnswer many = DnsAnswer.of(addresses(100));
    put(QUERY, many, 0);
    assertThat(find(1)).isEmpty();
    assertThat(cache.find(QUERY, question(QUERY), 65_535, 1)).isPresent();

    byte[] other = DnsClient.query("b.example.org", DnsQuestion.A);
    put(other, DnsAnswer.of(addresses(AnswerCache.MAX_BYTES / 16 + 1)), 0);
    assertThat(cache.find(other, question(other), 65_535, 1)).isEmpty();
  }

  private static List<DnsAnswer.Data> addresses(int count) {
    return IntStream.range(0, count)
        .<DnsAnswer.Data>mapToObj(each -> new DnsAnswer.Data.Address(Ip.ofIpv4(each)))
        .toList();
  }
}
