package dev.wherry.agent.dns;

import dev.wherry.api.address.Ip;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * What the cluster's zone says to a question. Immutable.
 *
 * @param outcome whether the name exists
 * @param records the answer section; they carry the question's name but for {@link Data.At} and
 *     {@link Data.Foreign}
 * @param additional what who asks will ask for next, where there is room: the additional section
 */
record DnsAnswer(Outcome outcome, List<Data> records, List<Data> additional) {

  /** Whether a name exists. */
  enum Outcome {
    /** It does; without records it has none of the type asked for. */
    EXISTS,
    NO_SUCH_NAME,
    /** Another zone's: to be asked elsewhere. */
    NOT_OURS
  }

  /** A record's data (RFC 1035, RFC 2782). */
  sealed interface Data {
    /** Of type A or AAAA, by its family. */
    record Address(Ip ip) implements Data {}

    record Alias(String name) implements Data {}

    record Pointer(String name) implements Data {}

    record Server(int port, String name) implements Data {}

    record Text(String text) implements Data {}

    record NameServer(String name) implements Data {}

    /** The SOA record of a zone. */
    record Authority(String zone) implements Data {}

    /** A record of another name than the question's: what an alias leads to. */
    record At(String owner, Data data) implements Data {}

    /**
     * A record as another server gave it.
     *
     * @param octets its data, a byte in each character
     */
    record Foreign(String owner, int type, int seconds, String octets) implements Data {
      /** What a record of type A says. */
      Optional<InetAddress> address() {
        byte[] bytes = octets.getBytes(StandardCharsets.ISO_8859_1);
        if (type != DnsQuestion.A || bytes.length != IPV4_BYTES) {
          return Optional.empty();
        }
        try {
          return Optional.of(InetAddress.getByAddress(bytes));
        } catch (UnknownHostException e) {
          throw new IllegalStateException(e); // of a length that it knows
        }
      }
    }
  }

  private static final int IPV4_BYTES = 4;

  /** Bytes of a response that nothing is added to. */
  private static final int NO_RECORDS = 0;

  private static final int RESPONSE = 0x80;
  private static final int OPCODE = 0x78;
  private static final int OPCODE_AND_RECURSION = OPCODE | 0x01;

  static final DnsAnswer NO_DATA = new DnsAnswer(Outcome.EXISTS, List.of(), List.of());
  static final DnsAnswer NO_SUCH_NAME = new DnsAnswer(Outcome.NO_SUCH_NAME, List.of(), List.of());
  static final DnsAnswer NOT_OURS = new DnsAnswer(Outcome.NOT_OURS, List.of(), List.of());

  /** Seconds that clients may keep an answer: short, since pods come and go. */
  static final int TTL_SECONDS = 5;

  static final int RCODE_OK = 0;
  static final int RCODE_MALFORMED = 1;
  static final int RCODE_SERVER_FAILURE = 2;
  static final int RCODE_NO_SUCH_NAME = 3;
  static final int RCODE_NOT_IMPLEMENTED = 4;
  static final int RCODE_REFUSED = 5;
  private static final int RCODE_BAD_VERSION = 16;

  /** The rest of an OPT record without options: code, version, two of flags, two of length. */
  private static final int EXTENDED_RCODE_FROM_END = 6;

  /**
   * The same with another address first, as {@code turn} has it: clients that take the first one
   * are spread over all.
   */
  DnsAnswer turned(int turn) {
    if (!isManyAddresses()) {
      return this;
    }
    List<Data> turned = new ArrayList<>(records);
    Collections.rotate(turned, turn);
    return new DnsAnswer(outcome, turned, additional);
  }

  /** Whether there is a choice of addresses. */
  boolean isManyAddresses() {
    return records.size() > 1 && records.stream().allMatch(Data.Address.class::isInstance);
  }

  /** Who says what is answered. */
  DnsCounts.Source source() {
    return outcome == Outcome.NOT_OURS ? DnsCounts.Source.OTHERS : DnsCounts.Source.CLUSTER;
  }

  /** Where an alias points to that nothing here says more about. */
  Optional<String> unresolved() {
    if (records.isEmpty()) {
      return Optional.empty();
    }
    return switch (records.getLast()) {
      case Data.Alias(String name) -> Optional.of(name);
      case Data.At(String _, Data.Alias(String name)) -> Optional.of(name);
      default -> Optional.empty();
    };
  }

  static DnsAnswer of(List<Data> records) {
    return new DnsAnswer(Outcome.EXISTS, List.copyOf(records), List.of());
  }

  DnsAnswer with(List<Data> beside) {
    return new DnsAnswer(outcome, records, List.copyOf(beside));
  }

  /**
   * The response to a query.
   *
   * @param query the message that {@code question} was read from
   * @param zone whose SOA record goes with answers that have no records
   * @param maxBytes records that do not fit are left out, and where they are of the answer the
   *     response says so (TC; not for the others, RFC 2181, 9)
   */
  byte[] render(byte[] query, DnsQuestion question, String zone, int maxBytes) {
    ResponseMessage message = new ResponseMessage(query, question, maxBytes);
    boolean whole = records.stream().allMatch(message::answer);
    if (whole) {
      message.additional(additional);
    }
    if (records.isEmpty()) {
      message.soa(zone);
    }
    return message.finish(outcome == Outcome.NO_SUCH_NAME ? RCODE_NO_SUCH_NAME : RCODE_OK);
  }

  /** The name of a zone's server. */
  static String primary(String zone) {
    return "ns.dns." + zone;
  }

  /** A name's labels with their lengths in front; the root, which is empty, has none. */
  static byte[] encode(String name) {
    ByteArrayOutputStream encoded = new ByteArrayOutputStream(name.length() + 2);
    for (String label : name.isEmpty() ? new String[0] : name.split("\\.")) {
      byte[] ascii = label.getBytes(StandardCharsets.ISO_8859_1);
      encoded.write(ascii.length);
      encoded.writeBytes(ascii);
    }
    encoded.write(0);
    return encoded.toByteArray();
  }

  /** Whether a server says that it cannot or will not find out: another one may. */
  static boolean isFailure(byte[] response) {
    int rcode = response[3] & 0x0f;
    return rcode == RCODE_SERVER_FAILURE || rcode == RCODE_REFUSED;
  }

  /** The response that says that this server could not find out. */
  static byte[] renderFailure(byte[] query, DnsQuestion question) {
    return new ResponseMessage(query, question, NO_RECORDS).finish(RCODE_SERVER_FAILURE);
  }

  /**
   * What is said to a query that {@link DnsQuestion#parse} does not take; empty for what is no
   * query at all: to answer answers would go on for ever.
   */
  static Optional<byte[]> renderUnread(byte[] message) {
    if (message.length < DnsQuestion.HEADER_BYTES || (message[2] & RESPONSE) != 0) {
      return Optional.empty();
    }
    byte[] response = Arrays.copyOf(message, DnsQuestion.HEADER_BYTES);
    response[2] = (byte) (RESPONSE | message[2] & OPCODE_AND_RECURSION);
    response[3] = (byte) whyUnread(message);
    Arrays.fill(response, 4, response.length, (byte) 0);
    return Optional.of(response);
  }

  private static int whyUnread(byte[] message) {
    if ((message[2] & OPCODE) != 0) {
      return RCODE_NOT_IMPLEMENTED;
    }
    int type = AnswerCache.afterName(message, DnsQuestion.HEADER_BYTES);
    boolean ofOtherClass =
        DnsQuestion.u16(message, 4) == 1
            && type > 0
            && type + 4 <= message.length
            && message[type - 1] == 0 // questions are not compressed
            && DnsQuestion.u16(message, type + 2) != DnsQuestion.CLASS_IN;
    return ofOtherClass ? RCODE_REFUSED : RCODE_MALFORMED;
  }

  /** The response that says which EDNS this server speaks: code 16, whose high bits OPT has. */
  static byte[] renderBadVersion(byte[] query, DnsQuestion question) {
    byte[] response = new ResponseMessage(query, question, NO_RECORDS).finish(RCODE_OK);
    response[response.length - EXTENDED_RCODE_FROM_END] = RCODE_BAD_VERSION >> 4;
    return response;
  }
}
