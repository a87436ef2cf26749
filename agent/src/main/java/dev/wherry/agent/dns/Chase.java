package dev.wherry.agent.dns;

import dev.wherry.agent.dns.DnsAnswer.Data;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Goes after an alias of this cluster that points outside: another server is asked for what it
 * points to, and the answer is put behind the alias, since most clients' resolvers do not ask again
 * themselves (RFC 1034, 3.6.2). Pure.
 */
final class Chase {
  private static final int RECORD_HEAD_BYTES = 10;
  private static final int MAX_POINTERS = 32;
  private static final int POINTER = 0xc0;

  /** Longer answers than the 512 bytes of old: an OPT record, as the name server's own. */
  private static final byte[] EXTENSION = {
    0,
    0,
    DnsQuestion.OPT,
    (byte) (DnsQuestion.MAX_UDP_BYTES >>> 8),
    (byte) DnsQuestion.MAX_UDP_BYTES,
    0,
    0,
    0,
    0,
    0,
    0
  };

  private Chase() {}

  /** The question for what the alias points to, with the client's id and wish for recursion. */
  static byte[] query(byte[] original, String target, int type) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
    bytes.write(original, 0, 2);
    bytes.write(original[2] & 0x01);
    bytes.writeBytes(new byte[] {0, 0, 1, 0, 0, 0, 0, 0, 1});
    bytes.writeBytes(DnsAnswer.encode(target));
    bytes.writeBytes(new byte[] {(byte) (type >>> 8), (byte) type, 0, 1});
    bytes.writeBytes(EXTENSION);
    return bytes.toByteArray();
  }

  /**
   * The response with the alias and what the other server said behind it, its failure and that it
   * was cut included: a client that believed in half an answer would not ask again (RFC 6604).
   */
  static byte[] join(
      DnsAnswer alias, byte[] response, byte[] query, DnsQuestion question, String zone, int max) {
    List<Data> records = new ArrayList<>(alias.records());
    records.addAll(answers(response));
    byte[] joined = DnsAnswer.of(records).render(query, question, zone, max);
    joined[2] |= (byte) (response[2] & AnswerCache.TRUNCATED);
    joined[3] |= (byte) (response[3] & 0x0f);
    return joined;
  }

  /** Addresses and aliases of a response's answer section; none of a response that is malformed. */
  static List<Data> answers(byte[] response) {
    List<Data> found = new ArrayList<>();
    if (response.length < DnsQuestion.HEADER_BYTES || DnsQuestion.u16(response, 4) != 1) {
      return found;
    }
    int at = AnswerCache.afterName(response, DnsQuestion.HEADER_BYTES);
    if (at < 0) {
      return found;
    }
    at += 4;
    for (int left = DnsQuestion.u16(response, 6); left > 0; left--) {
      Optional<String> owner = name(response, at);
      int head = AnswerCache.afterName(response, at);
      if (owner.isEmpty() || head < 0 || head + RECORD_HEAD_BYTES > response.length) {
        return found;
      }
      int type = DnsQuestion.u16(response, head);
      int data = head + RECORD_HEAD_BYTES;
      int length = DnsQuestion.u16(response, head + 8);
      if (data + length > response.length) {
        return found;
      }
      int seconds =
          (DnsQuestion.u16(response, head + 4) & 0x7fff) << 16
              | DnsQuestion.u16(response, head + 6);
      if (type == DnsQuestion.A || type == DnsQuestion.AAAA) {
        String octets = new String(response, data, length, StandardCharsets.ISO_8859_1);
        found.add(new Data.Foreign(owner.get(), type, seconds, octets));
      } else if (type == DnsQuestion.CNAME) {
        name(response, data)
            .ifPresent(
                target ->
                    found.add(
                        new Data.Foreign(
                            owner.get(),
                            type,
                            seconds,
                            new String(DnsAnswer.encode(target), StandardCharsets.ISO_8859_1))));
      }
      at = data + length;
    }
    return found;
  }

  /** A name with its pointers followed (RFC 1035, 4.1.4). */
  private static Optional<String> name(byte[] message, int from) {
    StringBuilder name = new StringBuilder(64);
    int at = from;
    for (int pointers = 0; pointers < MAX_POINTERS; ) {
      if (at >= message.length) {
        return Optional.empty();
      }
      int label = message[at] & 0xff;
      if (label == 0) {
        return Optional.of(name.toString());
      }
      if (label >= POINTER) {
        if (at + 1 >= message.length) {
          return Optional.empty();
        }
        at = (label & 0x3f) << 8 | message[at + 1] & 0xff;
        pointers++;
        continue;
      }
      if (at + 1 + label > message.length || name.length() > 255) {
        return Optional.empty();
      }
      if (!name.isEmpty()) {
        name.append('.');
      }
      name.append(new String(message, at + 1, label, StandardCharsets.ISO_8859_1));
      at += 1 + label;
    }
    return Optional.empty();
  }
}
