package dev.wherry.master.pki;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Writes the few forms of DER (ITU-T X.690) that certificates are made of. Pure. A library for this
 * weighs ten times what the rest of the master's network code does.
 */
final class Der {
  private static final int INTEGER = 0x02;
  private static final int BIT_STRING = 0x03;
  private static final int OCTET_STRING = 0x04;
  private static final int OBJECT_IDENTIFIER = 0x06;
  private static final int UTF8_STRING = 0x0c;
  private static final int UTC_TIME = 0x17;
  private static final int GENERALIZED_TIME = 0x18;
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int CONTEXT = 0x80;
  private static final int CONSTRUCTED = 0x20;

  /** From this year on a certificate's time has four digits of the year (RFC 5280, 4.1.2.5). */
  private static final int FIRST_GENERALIZED_YEAR = 2050;

  private static final DateTimeFormatter UTC_FORMAT =
      DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");
  private static final DateTimeFormatter GENERALIZED_FORMAT =
      DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

  private Der() {}

  static byte[] sequence(byte[]... parts) {
    return tagged(SEQUENCE, parts);
  }

  static byte[] set(byte[]... parts) {
    return tagged(SET, parts);
  }

  static byte[] integer(BigInteger value) {
    return tagged(INTEGER, value.toByteArray());
  }

  static byte[] integer(long value) {
    return integer(BigInteger.valueOf(value));
  }

  static byte[] trueValue() {
    return new byte[] {0x01, 0x01, (byte) 0xff};
  }

  static byte[] octets(byte[] content) {
    return tagged(OCTET_STRING, content);
  }

  static byte[] utf8(String text) {
    return tagged(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
  }

  /** A bit string whose last {@code unusedBits} bits do not count. */
  static byte[] bits(int unusedBits, byte[] content) {
    return tagged(BIT_STRING, new byte[] {(byte) unusedBits}, content);
  }

  /** A part with this context-specific number that holds other parts. */
  static byte[] explicit(int number, byte[]... parts) {
    return tagged(CONTEXT | CONSTRUCTED | number, parts);
  }

  /** A part with this context-specific number in place of its own tag. */
  static byte[] implicit(int number, byte[] content) {
    return tagged(CONTEXT | number, content);
  }

  /** An object identifier such as {@code 2.5.4.3}. */
  static byte[] oid(String dotted) {
    String[] arcs = dotted.split("\\.", -1);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    arc(content, Long.parseLong(arcs[0]) * 40 + Long.parseLong(arcs[1]));
    for (int i = 2; i < arcs.length; i++) {
      arc(content, Long.parseLong(arcs[i]));
    }
    return tagged(OBJECT_IDENTIFIER, content.toByteArray());
  }

  private static void arc(ByteArrayOutputStream out, long value) {
    int groups = Math.max(1, (63 - Long.numberOfLeadingZeros(value)) / 7 + 1);
    for (int i = groups - 1; i >= 0; i--) {
      long group = (value >>> (7 * i)) & 0x7f;
      out.write((int) (i > 0 ? group | 0x80 : group));
    }
  }

  static byte[] time(Instant instant) {
    var utc = instant.atOffset(ZoneOffset.UTC);
    boolean isShort = utc.getYear() < FIRST_GENERALIZED_YEAR;
    String text = utc.format(isShort ? UTC_FORMAT : GENERALIZED_FORMAT);
    return tagged(isShort ? UTC_TIME : GENERALIZED_TIME, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] tagged(int tag, byte[]... parts) {
    int length = 0;
    for (byte[] part : parts) {
      length += part.length;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(length + 6);
    out.write(tag);
    if (length < 0x80) {
      out.write(length);
    } else {
      byte[] digits = BigInteger.valueOf(length).toByteArray();
      int skip = digits[0] == 0 ? 1 : 0;
      out.write(0x80 | (digits.length - skip));
      out.write(digits, skip, digits.length - skip);
    }
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
