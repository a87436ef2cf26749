package dev.wherry.api.address;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An IP address of either family, without a zone. Ordered by family, IPv4 first, then by number.
 * Immutable.
 *
 * <p>An IPv4 address is held as the IPv6 address that maps it (RFC 4291, {@code ::ffff:a.b.c.d}):
 * 128 bits serve both families, and a mapped address is refused where one is read, as Kubernetes
 * does.
 *
 * @param high the first 64 bits
 * @param low the other 64
 */
public record Ip(long high, long low) implements Comparable<Ip> {
  private static final long MAPPED = 0xffffL;
  private static final long IPV4_MASK = 0xffff_ffffL;
  private static final int GROUPS = 8;

  /** An IPv4 address of its 32 bits, the first octet highest. */
  public static Ip ofIpv4(int bits) {
    return new Ip(0, MAPPED << 32 | bits & IPV4_MASK);
  }

  public static Ip of(InetAddress address) {
    ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
    return bytes.remaining() == Integer.BYTES
        ? ofIpv4(bytes.getInt())
        : new Ip(bytes.getLong(), bytes.getLong());
  }

  /**
   * Reads an address: {@code a.b.c.d} without leading zeros, or IPv6 in any of its forms.
   *
   * @throws IllegalArgumentException when the text is none
   */
  public static Ip parse(String text) {
    return find(text)
        .orElseThrow(() -> new IllegalArgumentException("not an IP address: \"" + text + "\""));
  }

  /** The address of a text that comes from users and may be anything. */
  public static Optional<Ip> find(String text) {
    if (text.indexOf(':') >= 0) {
      return ipv6(text);
    }
    long bits = ipv4(text);
    return bits < 0 ? Optional.empty() : Optional.of(ofIpv4((int) bits));
  }

  /** The bits of an address, or -1. Digit by digit: thousands are read when services are loaded. */
  private static long ipv4(String text) {
    long bits = 0;
    int octet = 0;
    int digits = 0;
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each >= '0' && each <= '9' && (digits == 0 || octet > 0)) {
        octet = octet * 10 + each - '0';
        digits++;
      } else if (each == '.' && digits > 0 && dots < 3) {
        bits = bits << 8 | octet;
        octet = 0;
        digits = 0;
        dots++;
      } else {
        return -1;
      }
      if (octet > 255) {
        return -1;
      }
    }
    return dots == 3 && digits > 0 ? bits << 8 | octet : -1;
  }

  private static Optional<Ip> ipv6(String text) {
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each != ':' && each != '.' && !HexFormat.isHexDigit(each)) {
        return Optional.empty(); // a zone or brackets
      }
    }
    try {
      return Inet6Address.ofLiteral(text) instanceof Inet6Address address
          ? Optional.of(of(address))
          : Optional.empty();
    } catch (IllegalArgumentException _) {
      return Optional.empty();
    }
  }

  public IpFamily family() {
    return isIpv4() ? IpFamily.IPV4 : IpFamily.IPV6;
  }

  public boolean isIpv4() {
    return high == 0 && low >>> 32 == MAPPED;
  }

  public boolean isLoopback() {
    return isIpv4() ? (low >>> 24 & 0xff) == 127 : high == 0 && low == 1;
  }

  /** The last 32 bits: the whole of an IPv4 address, its first octet highest. */
  public int lowBits() {
    return (int) low;
  }

  /** The address so far from this one in its range; the caller knows that it has not ended. */
  public Ip plus(long offset) {
    long sum = low + offset;
    boolean carry = offset >= 0 && Long.compareUnsigned(sum, low) < 0;
    return new Ip(carry ? high + 1 : high, sum);
  }

  /** Four bytes or sixteen. */
  public byte[] bytes() {
    return isIpv4()
        ? ByteBuffer.allocate(Integer.BYTES).putInt((int) low).array()
        : ByteBuffer.allocate(2 * Long.BYTES).putLong(high).putLong(low).array();
  }

  public InetAddress inet() {
    try {
      return InetAddress.getByAddress(bytes());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four or sixteen bytes are an address", e);
    }
  }

  /** As Kubernetes and the kernel write it: dotted, or by RFC 5952. */
  public String text() {
    return isIpv4() ? dotted() : grouped();
  }

  private String dotted() {
    return (low >>> 24 & 0xff)
        + "."
        + (low >>> 16 & 0xff)
        + "."
        + (low >>> 8 & 0xff)
        + "."
        + (low & 0xff);
  }

  private int group(int index) {
    long half = index < GROUPS / 2 ? high : low;
    return (int) (half >>> 16 * (GROUPS / 2 - 1 - index % (GROUPS / 2)) & 0xffff);
  }

  /** The longest run of two zero groups or more is left out, the first of equal ones. */
  private String grouped() {
    int start = -1;
    int length = 1;
    for (int i = 0; i < GROUPS; i++) {
      int end = i;
      while (end < GROUPS && group(end) == 0) {
        end++;
      }
      if (end - i > length) {
        start = i;
        length = end - i;
      }
      i = Math.max(i, end - 1);
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < GROUPS; i++) {
      if (i == start) {
        text.append("::");
        i += length - 1;
      } else {
        boolean first = text.isEmpty() || text.charAt(text.length() - 1) == ':';
        text.append(first ? "" : ":").append(Integer.toHexString(group(i)));
      }
    }
    return text.toString();
  }

  @Override
  public int compareTo(Ip other) {
    if (isIpv4() != other.isIpv4()) {
      return isIpv4() ? -1 : 1;
    }
    int order = Long.compareUnsigned(high, other.high);
    return order != 0 ? order : Long.compareUnsigned(low, other.low);
  }

  @Override
  public String toString() {
    return text();
  }
}
