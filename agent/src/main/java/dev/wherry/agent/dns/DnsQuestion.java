package dev.wherry.agent.dns;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * A query with one question (RFC 1035). Immutable.
 *
 * @param id chosen by the client, returned as it is
 * @param name lower case, without the last dot; empty: the root
 * @param type such as {@link #A}
 * @param udpBytes the longest answer that the client takes over UDP (RFC 6891)
 * @param extended whether the client speaks EDNS, so that answers have to as well (RFC 6891, 6.1.1)
 * @param end where the question ends in the message
 */
record DnsQuestion(int id, String name, int type, int udpBytes, boolean extended, int end) {
  static final int A = 1;
  static final int NS = 2;
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int PTR = 12;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int SRV = 33;
  static final int ANY = 255;

  static final int HEADER_BYTES = 12;
  static final int OPT = 41;
  static final int CLASS_IN = 1;

  /** An OPT record without options. */
  static final int OPT_BYTES = 11;

  private static final byte RECURSION_DESIRED = 0x01;
  private static final byte AUTHENTIC_OR_UNCHECKED = 0x30;

  /** Where an OPT record's flags begin, of which the first is the wish for signatures. */
  private static final int SIGNED_FROM_END = 7;

  private static final int SIGNED = 0x80;
  private static final int PLAIN_UDP_BYTES = 512;

  /** What passes every path unfragmented (DNS flag day 2020). */
  static final int MAX_UDP_BYTES = 1232;

  /** Empty for what is no query of one question of class IN ({@link DnsAnswer#renderUnread}). */
  static Optional<DnsQuestion> parse(byte[] message, int length) {
    boolean query = length > HEADER_BYTES && (message[2] & 0xf8) == 0;
    if (!query || u16(message, 4) != 1) {
      return Optional.empty();
    }
    StringBuilder name = new StringBuilder(64);
    int at = HEADER_BYTES;
    while (at < length && message[at] != 0) {
      int label = message[at] & 0xff;
      if (label > 63 || at + 1 + label >= length || name.length() > 255) {
        return Optional.empty(); // questions are not compressed
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(new String(message, at + 1, label, StandardCharsets.ISO_8859_1));
      at += 1 + label;
    }
    int end = at + 5;
    if (end > length || u16(message, at + 3) != CLASS_IN) {
      return Optional.empty();
    }
    return Optional.of(
        new DnsQuestion(
            u16(message, 0),
            name.toString().toLowerCase(Locale.ROOT),
            u16(message, at + 1),
            udpBytes(message, length, end),
            isExtended(message, length, end),
            end));
  }

  /**
   * Whether a message is a response to this question.
   *
   * @param sentId the id that the question was sent with
   */
  boolean isAnsweredBy(byte[] response, int sentId) {
    if (response.length <= HEADER_BYTES || u16(response, 0) != sentId) {
      return false;
    }
    byte[] asQuery = response.clone();
    asQuery[2] &= 0x07; // the bits that make it a response
    return parse(asQuery, asQuery.length)
        .filter(question -> question.name().equals(name) && question.type() == type)
        .isPresent();
  }

  /** An OPT record, where there is one, follows the question at once: name 0, type, size. */
  private static boolean isExtended(byte[] message, int length, int end) {
    return u16(message, 6) == 0
        && u16(message, 8) == 0
        && u16(message, 10) > 0
        && end + 5 <= length
        && message[end] == 0
        && u16(message, end + 1) == OPT;
  }

  /**
   * The question as it is put to another server, with the client's id and spelling: extensions are
   * an affair of neighbours (RFC 6891, 6.2.6), so that nothing of the client's goes along but its
   * wish for signatures. A cookie, above all, would come back with what is remembered, to others.
   */
  byte[] forwarded(byte[] query) {
    byte[] asked = Arrays.copyOf(query, extended ? end + OPT_BYTES : end);
    asked[2] &= RECURSION_DESIRED;
    asked[3] &= AUTHENTIC_OR_UNCHECKED;
    Arrays.fill(asked, 6, HEADER_BYTES, (byte) 0);
    if (extended) {
      asked[11] = 1;
      Arrays.fill(asked, end, asked.length, (byte) 0);
      asked[end + 2] = OPT;
      asked[end + 3] = (byte) (udpBytes >>> 8);
      asked[end + 4] = (byte) udpBytes;
      asked[end + SIGNED_FROM_END] = (byte) (wantsSignatures(query) ? SIGNED : 0);
    }
    return asked;
  }

  /** Gives a response to the same question this query's id and spelling. */
  void address(byte[] query, byte[] response) {
    System.arraycopy(query, 0, response, 0, 2);
    System.arraycopy(query, HEADER_BYTES, response, HEADER_BYTES, end - HEADER_BYTES);
  }

  /** Whether signatures are wanted along with records (RFC 3225). */
  boolean wantsSignatures(byte[] query) {
    return extended
        && end + SIGNED_FROM_END < query.length
        && (query[end + SIGNED_FROM_END] & SIGNED) != 0;
  }

  /** Whether the client speaks an EDNS that came after this one (RFC 6891, 6.1.3). */
  boolean isOfLaterEdns(byte[] message) {
    int version = end + 6; // behind the name, the type, the size and the extended code
    return extended && version < message.length && message[version] != 0;
  }

  private static int udpBytes(byte[] message, int length, int end) {
    int asked = isExtended(message, length, end) ? u16(message, end + 3) : PLAIN_UDP_BYTES;
    return Math.clamp(asked, PLAIN_UDP_BYTES, MAX_UDP_BYTES);
  }

  static int u16(byte[] message, int at) {
    return (message[at] & 0xff) << 8 | message[at + 1] & 0xff;
  }
}
