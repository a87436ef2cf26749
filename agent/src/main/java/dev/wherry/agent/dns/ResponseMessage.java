package dev.wherry.agent.dns;

import dev.wherry.agent.dns.DnsAnswer.Data;
import dev.wherry.api.address.Ip;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A response being written: the query's header and question, the records, the server's own
 * extension. Confined to a thread.
 */
final class ResponseMessage {
  private static final int TYPE_SERVER_PRIORITY = 0;
  private static final int SERVER_WEIGHT = 100;
  private static final int ANSWERS = 6;
  private static final int AUTHORITIES = 8;
  private static final int ADDITIONALS = 10;
  private static final byte[] QUESTION = {(byte) 0xc0, DnsQuestion.HEADER_BYTES};
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
  private final DnsQuestion question;
  private final int maxBytes;
  private byte[] owner = QUESTION;
  private int answers;
  private int authorities;
  private int additionals;
  private boolean truncated;

  /**
   * Begins with the query's header and question, byte for byte.
   *
   * @param maxBytes records past it are not taken
   */
  ResponseMessage(byte[] query, DnsQuestion question, int maxBytes) {
    this.question = question;
    this.maxBytes = maxBytes;
    bytes.write(query, 0, question.end());
  }

  /** Adds to the answer; false, and the message is one that was cut, when it does not fit. */
  boolean answer(Data data) {
    boolean fits = fits(data);
    answers += fits ? 1 : 0;
    truncated |= !fits;
    return fits;
  }

  /** Adds what goes with a whole answer, after it, as far as it fits. */
  void additional(List<Data> records) {
    for (Data each : records) {
      if (!fits(each)) {
        return;
      }
      additionals++;
    }
  }

  /** Writes a record where there is room for it and what comes after the records. */
  private boolean fits(Data data) {
    int before = bytes.size();
    record(data);
    if (bytes.size() + trailerBytes() <= maxBytes) {
      return true;
    }
    byte[] fitting = bytes.toByteArray();
    bytes.reset();
    bytes.write(fitting, 0, before);
    return false;
  }

  private int trailerBytes() {
    return question.extended() ? DnsQuestion.OPT_BYTES : 0;
  }

  /** What this server takes over UDP; version 0, no flags, no options (RFC 6891, 6.1.2). */
  private void extension() {
    bytes.write(0);
    u16(DnsQuestion.OPT);
    u16(DnsQuestion.MAX_UDP_BYTES);
    u16(0);
    u16(0);
    u16(0);
  }

  private void record(Data data) {
    switch (data) {
      case Data.Address(Ip ip) -> {
        byte[] octets = ip.bytes();
        head(ip.isIpv4() ? DnsQuestion.A : DnsQuestion.AAAA, octets.length);
        bytes.writeBytes(octets);
      }
      case Data.Alias(String name) -> named(DnsQuestion.CNAME, name);
      case Data.NameServer(String name) -> named(DnsQuestion.NS, name);
      case Data.Authority(String zone) -> authority(zone);
      case Data.Pointer(String name) -> named(DnsQuestion.PTR, name);
      case Data.Server(int port, String name) -> {
        byte[] target = DnsAnswer.encode(name);
        head(DnsQuestion.SRV, 6 + target.length);
        u16(TYPE_SERVER_PRIORITY);
        u16(SERVER_WEIGHT);
        u16(port);
        bytes.writeBytes(target);
      }
      case Data.At(String name, Data of) -> {
        owner = DnsAnswer.encode(name);
        record(of);
        owner = QUESTION;
      }
      case Data.Foreign(String name, int type, int seconds, String octets) -> {
        bytes.writeBytes(DnsAnswer.encode(name));
        u16(type);
        u16(1); // class IN
        u16(seconds >>> 16);
        u16(seconds);
        u16(octets.length());
        bytes.writeBytes(octets.getBytes(StandardCharsets.ISO_8859_1));
      }
      case Data.Text(String text) -> {
        byte[] ascii = text.getBytes(StandardCharsets.ISO_8859_1);
        head(DnsQuestion.TXT, 1 + ascii.length);
        bytes.write(ascii.length);
        bytes.writeBytes(ascii);
      }
    }
  }

  private void named(int type, String name) {
    byte[] target = DnsAnswer.encode(name);
    head(type, target.length);
    bytes.writeBytes(target);
  }

  private void head(int type, int length) {
    bytes.writeBytes(owner);
    fixed(type, length);
  }

  private void fixed(int type, int length) {
    u16(type);
    u16(1); // class IN
    u16(0);
    u16(DnsAnswer.TTL_SECONDS);
    u16(length);
  }

  /** Tells how long the absence may be believed (RFC 2308). */
  void soa(String zone) {
    authority(zone);
    authorities++;
  }

  private void authority(String zone) {
    byte[] primary = DnsAnswer.encode(DnsAnswer.primary(zone));
    byte[] mailbox = DnsAnswer.encode("hostmaster." + zone);
    bytes.writeBytes(DnsAnswer.encode(zone));
    fixed(DnsQuestion.SOA, primary.length + mailbox.length + 20);
    bytes.writeBytes(primary);
    bytes.writeBytes(mailbox);
    for (int seconds : new int[] {1, 7200, 1800, 86_400, DnsAnswer.TTL_SECONDS}) {
      u16(seconds >>> 16);
      u16(seconds);
    }
  }

  private void u16(int value) {
    bytes.write(value >>> 8);
    bytes.write(value);
  }

  byte[] finish(int rcode) {
    if (question.extended()) {
      extension();
      additionals++;
    }
    byte[] message = bytes.toByteArray();
    // A response, authoritative; recursion stays desired as it was asked, and is available.
    message[2] = (byte) (0x84 | message[2] & 0x01 | (truncated ? 0x02 : 0));
    message[3] = (byte) (0x80 | rcode);
    count(message, ANSWERS, answers);
    count(message, AUTHORITIES, authorities);
    count(message, ADDITIONALS, additionals);
    return message;
  }

  private static void count(byte[] message, int at, int records) {
    message[at] = (byte) (records >>> 8);
    message[at + 1] = (byte) records;
  }
}
