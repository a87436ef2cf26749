package dev.wherry.agent.dns;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Other servers' answers for as long as they may be believed, {@link #MAX_SECONDS} at most. The
 * oldest leaves when there are {@link #MAX_ENTRIES}. Time is an argument. Confined to one thread.
 */
final class AnswerCache {
  static final int MAX_ENTRIES = 1_000;
  static final int MAX_SECONDS = 300;

  private static final int OPT = 41;
  private static final int TRUNCATED = 0x02;
  private static final long SECOND_NANOS = 1_000_000_000L;

  /** Queries that differ in their flags or extensions may be answered differently. */
  private record Key(String name, int type, int flags, int extensions) {
    static Key of(byte[] query, DnsQuestion question) {
      return new Key(
          question.name(), question.type(), DnsQuestion.u16(query, 2), DnsQuestion.u16(query, 10));
    }
  }

  private record Remembered(byte[] response, List<Integer> ttlOffsets, long since, long until) {}

  private final Map<Key, Remembered> entries =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Remembered> eldest) {
          return size() > MAX_ENTRIES;
        }
      };

  /** The answer as if it came now: the query's id and spelling, less time to live. */
  Optional<byte[]> find(byte[] query, DnsQuestion question, long nowNanos) {
    Remembered entry = entries.get(Key.of(query, question));
    if (entry == null
        || nowNanos - entry.until() >= 0
        || entry.response().length > question.udpBytes()) {
      return Optional.empty();
    }
    byte[] response = entry.response().clone();
    int age = (int) ((nowNanos - entry.since()) / SECOND_NANOS);
    for (int at : entry.ttlOffsets()) {
      putU32(response, at, Math.max(0, u32(response, at) - age));
    }
    System.arraycopy(query, 0, response, 0, 2);
    System.arraycopy(
        query,
        DnsQuestion.HEADER_BYTES,
        response,
        DnsQuestion.HEADER_BYTES,
        question.end() - DnsQuestion.HEADER_BYTES);
    return Optional.of(response);
  }

  /**
   * Keeps an answer where it is whole and says "here it is" or "no such name". That there is none
   * may be believed as long as the zone's SOA record says, and not at all without one (RFC 2308).
   */
  void put(byte[] query, DnsQuestion question, byte[] response, long nowNanos) {
    int rcode = response[3] & 0x0f;
    boolean useful = rcode == DnsAnswer.RCODE_OK || rcode == DnsAnswer.RCODE_NO_SUCH_NAME;
    if (!useful || (response[2] & TRUNCATED) != 0 || response.length < question.end()) {
      return;
    }
    Optional<List<Integer>> offsets = ttlOffsets(response, question.end());
    if (offsets.isEmpty()) {
      return;
    }
    int seconds = MAX_SECONDS;
    for (int at : offsets.get()) {
      seconds = Math.min(seconds, Math.max(0, u32(response, at)));
    }
    if (rcode == DnsAnswer.RCODE_NO_SUCH_NAME || DnsQuestion.u16(response, 6) == 0) {
      seconds = Math.min(seconds, soaMinimum(response, offsets.get()));
    }
    if (seconds <= 0) {
      return;
    }
    entries.put(
        Key.of(query, question),
        new Remembered(
            response.clone(), offsets.get(), nowNanos, nowNanos + seconds * SECOND_NANOS));
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
