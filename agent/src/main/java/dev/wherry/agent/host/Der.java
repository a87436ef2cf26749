package dev.wherry.agent.host;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;

/** The few forms of DER (X.690) that certificates, their requests and keys are made of. Pure. */
public final class Der {
  private static final DateTimeFormatter UTC =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
  private static final int BOOLEAN = 0x01;
  private static final int INTEGER = 0x02;
  private static final int OCTET_STRING = 0x04;
  private static final int NULL = 0x05;
  private static final int UTC_TIME = 0x17;
  private static final int CONTEXT_2_PRIMITIVE = 0x82;
  private static final int BIT_STRING = 0x03;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int CONTEXT_0 = 0xa0;

  private Der() {}

  public static byte[] sequence(byte[]... members) {
    return tagged(SEQUENCE, concatenated(members));
  }

  public static byte[] set(byte[]... members) {
    return tagged(SET, concatenated(members));
  }

  /** {@code [0]}, constructed, without members. */
  public static byte[] emptyContext0() {
    return tagged(CONTEXT_0, new byte[0]);
  }

  public static byte[] zero() {
    return tagged(INTEGER, new byte[] {0});
  }

  public static byte[] utf8(String text) {
    return tagged(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A string of whole bytes. */
  public static byte[] bits(byte[] bytes) {
    return tagged(BIT_STRING, concatenated(new byte[] {0}, bytes));
  }

  /** By its arcs, of which the first two make one byte. */
  public static byte[] oid(List<Integer> arcs) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(arcs.get(0) * 40 + arcs.get(1));
    for (int arc : arcs.subList(2, arcs.size())) {
      for (int shift = 28; shift > 0; shift -= 7) {
        if (arc >>> shift != 0) {
          out.write(0x80 | ((arc >>> shift) & 0x7f));
        }
      }
      out.write(arc & 0x7f);
    }
    return tagged(OBJECT_IDENTIFIER, out.toByteArray());
  }

  /** A number that is not negative. */
  public static byte[] integer(BigInteger number) {
    return tagged(INTEGER, number.toByteArray());
  }

  public static byte[] octets(byte[] content) {
    return tagged(OCTET_STRING, content);
  }

  public static byte[] absent() {
    return tagged(NULL, new byte[0]);
  }

  public static byte[] yes() {
    return tagged(BOOLEAN, new byte[] {(byte) 0xff});
  }

  /** {@code [number]}, constructed. */
  public static byte[] explicit(int number, byte[] content) {
    return tagged(CONTEXT_0 + number, content);
  }

  /** {@code [2]} of a GeneralName: a DNS name. */
  public static byte[] dnsName(String name) {
    return tagged(CONTEXT_2_PRIMITIVE, name.getBytes(StandardCharsets.US_ASCII));
  }

  /** A moment within the years that UTCTime has (1950 to 2049). */
  public static byte[] time(Instant moment) {
    return tagged(UTC_TIME, UTC.format(moment).getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] tagged(int tag, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(content.length + 4);
    out.write(tag);
    int length = content.length;
    if (length < 0x80) {
      out.write(length);
    } else if (length < 0x100) {
      out.write(0x81);
      out.write(length);
    } else {
      out.write(0x82);
      out.write(length >>> 8);
      out.write(length);
    }
    out.writeBytes(content);
    return out.toByteArray();
  }

  private static byte[] concatenated(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
