package dev.wherry.agent.dns;

import java.nio.charset.StandardCharsets;
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
  static final int CNAME = 5;
  static final int SOA = 6;
  static final int PTR = 12;
  static final int TXT = 16;
  static final int AAAA = 28;
  static final int SRV = 33;
  static final int ANY = 255;

  static final int HEADER_BYTES = 12;
  static final int OPT = 41;
  private static final int CLASS_IN = 1;
  private static final int PLAIN_UDP_BYTES = 512;

  /** What passes every path unfragmented (DNS flag day 2020). */
  static final int MAX_UDP_BYTES = 1232;

  /** Empty for what is no query of one question of class IN, which gets no answer. */
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
