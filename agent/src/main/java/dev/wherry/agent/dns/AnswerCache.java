package dev.wherry.agent.dns;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Other servers' answers for as long as they may be believed, {@link #MAX_SECONDS} at most, and for
 * {@link #MAX_STALE} longer in case that nobody can say anything newer (RFC 8767). The one that was
 * asked for longest ago leaves when there are {@link #MAX_ENTRIES}. Time is an argument.
 * Thread-safe.
 */
final class AnswerCache {
  static final int MAX_ENTRIES = 1_000;
  static final int MAX_SECONDS = 300;

  /** Longer answers, which only TCP carries, are not kept. */
  static final int MAX_BYTES = 4_096;

  /** How long an answer is good for want of a better one once its time to live is over. */
  static final Duration MAX_STALE = Duration.ofDays(1);

  /** What clients are told to keep such an answer for. */
  static final int STALE_SECONDS = 30;

  /** How long other servers are left alone with a question that none of them could answer. */
  static final Duration ASK_AGAIN = Duration.ofSeconds(30);

  private static final int OPT = 41;
  static final int TRUNCATED = 0x02;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** Queries that differ in their flags or extensions may be answered differently. */
  private record Key(String name, int type, int flags, int extensions, boolean signed) {
    static Key of(byte[] query, DnsQuestion question) {
      return new Key(
          question.name(),
          question.type(),
          DnsQuestion.u16(query, 2),
          DnsQuestion.u16(query, 10),
          question.wantsSignatures(query));
    }
  }

  /**
   * An answer that was kept; its times are those of the caller's clock.
   *
   * @param until when its time to live is over
   * @param restUntil until when nobody is asked for a newer one, after all have failed
   */
  private record Remembered(
      byte[] response, List<Integer> ttlOffsets, long since, long until, long restUntil) {
    boolean isFresh(long now) {
      return now - until < 0;
    }

    boolean isStale(long now) {
      return !isFresh(now) && now - until < MAX_STALE.toNanos();
    }

    DnsCounts.Remembered worth(long now) {
      if (!isFresh(now)) {
        return DnsCounts.Remembered.STALE;
      }
      return isDenial(response) ? DnsCounts.Remembered.DENIAL : DnsCounts.Remembered.ANSWER;
    }

    Remembered restingUntil(long moment) {
      return new Remembered(response, ttlOffsets, since, until, moment);
    }

    /** The answer as if it came now: the query's id and spelling, less time to live. */
    byte[] to(byte[] query, DnsQuestion question, long now) {
      byte[] answer = response.clone();
      int age = (int) ((now - since) / SECOND_NANOS);
      for (int at : ttlOffsets) {
        putU32(answer, at, isFresh(now) ? Math.max(0, u32(answer, at) - age) : STALE_SECONDS);
      }
      question.address(query, answer);
      return answer;
    }
  }

  private final DnsCounts counts;

  private final Map<Key, Remembered> entries =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Remembered> eldest) {
          return size() > MAX_ENTRIES;
        }
      };

  /**
   * @param counts what was found here
   */
  AnswerCache(DnsCounts counts) {
    this.counts = counts;
  }

  /**
   * What is to be answered without asking anybody: what may still be believed, or the stale answer
   * to a question that all failed to answer a moment ago.
   *
   * @param maxBytes the longest answer that the client takes
   */
  synchronized Optional<byte[]> find(
      byte[] query, DnsQuestion question, int maxBytes, long nowNanos) {
    Optional<Remembered> found =
        entry(query, question, maxBytes)
            .filter(
                entry ->
                    entry.isFresh(nowNanos)
                        || entry.isStale(nowNanos) && nowNanos - entry.restUntil() < 0);
    counts.looked(found.map(entry -> entry.worth(nowNanos)).orElse(DnsCounts.Remembered.NOTHING));
    return found.map(entry -> entry.to(query, question, nowNanos));
  }

  /** What was true once, where nobody says anything newer in time. */
  synchronized Optional<byte[]> findStale(
      byte[] query, DnsQuestion question, int maxBytes, long nowNanos) {
    Optional<Remembered> found =
        entry(query, question, maxBytes)
            .filter(entry -> entry.isFresh(nowNanos) || entry.isStale(nowNanos));
    found.ifPresent(entry -> counts.looked(entry.worth(nowNanos)));
    return found.map(entry -> entry.to(query, question, nowNanos));
  }

  private Optional<Remembered> entry(byte[] query, DnsQuestion question, int maxBytes) {
    return Optional.ofNullable(entries.get(Key.of(query, question)))
        .filter(entry -> entry.response().length <= maxBytes);
  }

  /** Others are asked from now on. */
  synchronized void clear() {
    entries.clear();
  }

  /** Nobody answered: a stale answer is good without asking for {@link #ASK_AGAIN}. */
  synchronized void rest(byte[] query, DnsQuestion question, long nowNanos) {
    entries.computeIfPresent(
        Key.of(query, question), (_, entry) -> entry.restingUntil(nowNanos + ASK_AGAIN.toNanos()));
  }

  /**
   * Keeps an answer where it is whole and says "here it is" or "no such name". That there is none
   * may be believed as long as the zone's SOA record says, and not at all without one (RFC 2308).
   */
  synchronized void put(byte[] query, DnsQuestion question, byte[] response, long nowNanos) {
    if (!isUseful(response) || response.length < question.end() || response.length > MAX_BYTES) {
      return;
    }
    ttlOffsets(response, question.end())
        .ifPresent(
            offsets -> {
              int seconds = seconds(response, offsets);
              if (seconds > 0) {
                long until = nowNanos + seconds * SECOND_NANOS;
                entries.put(
                    Key.of(query, question),
                    new Remembered(response.clone(), offsets, nowNanos, until, until));
              }
            });
  }

  private static boolean isUseful(byte[] response) {
    int rcode = response[3] & 0x0f;
    return (rcode == DnsAnswer.RCODE_OK || rcode == DnsAnswer.RCODE_NO_SUCH_NAME)
        && (response[2] & TRUNCATED) == 0;
  }

  /** How long an answer may be believed. */
  private static int seconds(byte[] response, List<Integer> ttlOffsets) {
    int seconds = MAX_SECONDS;
    for (int at : ttlOffsets) {
      seconds = Math.min(seconds, Math.max(0, u32(response, at)));
    }
    return isDenial(response) ? Math.min(seconds, soaMinimum(response, ttlOffsets)) : seconds;
  }

  private static boolean isDenial(byte[] response) {
    return (response[3] & 0x0f) == DnsAnswer.RCODE_NO_SUCH_NAME
        || DnsQuestion.u16(response, 6) == 0;
  }

  /** MINIMUM of the SOA record, the last of its fields; 0 without one. */
  private static int soaMinimum(byte[] message, List<Integer> ttlOffsets) {
    for (int at : ttlOffsets) {
      int end = at + 6 + DnsQuestion.u16(message, at + 4);
      if (DnsQuestion.u16(message, at - 4) == DnsQuestion.SOA && end - 4 > at + 6) {
        return Math.max(0, u32(message, end - 4));
      }
    }
    return 0;
  }

  /** Where the records' times to live stand; empty for a message that is cut or malformed. */
  static Optional<List<Integer>> ttlOffsets(byte[] message, int firstRecord) {
    int records =
        DnsQuestion.u16(message, 6) + DnsQuestion.u16(message, 8) + DnsQuestion.u16(message, 10);
    List<Integer> offsets = new ArrayList<>();
    int at = firstRecord;
    for (int i = 0; i < records; i++) {
      at = afterName(message, at);
      if (at < 0 || at + 10 > message.length) {
        return Optional.empty();
      }
      if (DnsQuestion.u16(message, at) != OPT) {
        offsets.add(at + 4);
      }
      at += 10 + DnsQuestion.u16(message, at + 8);
    }
    return at <= message.length ? Optional.of(offsets) : Optional.empty();
  }

  static int afterName(byte[] message, int from) {
    int at = from;
    while (at < message.length && message[at] != 0) {
      int label = message[at] & 0xff;
      if (label >= 0xc0) {
        return at + 2;
      }
      at += 1 + label;
    }
    return at < message.length ? at + 1 : -1;
  }

  private static int u32(byte[] message, int at) {
    return DnsQuestion.u16(message, at) << 16 | DnsQuestion.u16(message, at + 2);
  }

  private static void putU32(byte[] message, int at, int value) {
    for (int i = 0; i < 4; i++) {
      message[at + i] = (byte) (value >>> 24 - 8 * i);
    }
  }
}
