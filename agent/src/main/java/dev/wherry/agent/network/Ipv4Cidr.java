package dev.wherry.agent.network;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/** A range of IPv4 addresses, such as 10.42.0.0/24. Immutable. */
public record Ipv4Cidr(int base, int prefixBits) {

  public Ipv4Cidr {
    if (prefixBits < 0 || prefixBits > 32) {
      throw new IllegalArgumentException("prefix length " + prefixBits + " is not within 0..32");
    }
    base &= mask(prefixBits);
  }

  /**
   * Reads {@code a.b.c.d/n}.
   *
   * @throws IllegalArgumentException when the text is no such range
   */
  public static Ipv4Cidr parse(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      throw new IllegalArgumentException("not an IPv4 range: \"" + text + "\"");
    }
    try {
      return new Ipv4Cidr(
          addressBits(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("not an IPv4 range: \"" + text + "\"", e);
    }
  }

  /** Whether the text is such a range: what comes from users may be anything. */
  public static boolean isRange(String text) {
    try {
      parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** Whether the text is an address, {@code a.b.c.d}. */
  public static boolean isAddress(String text) {
    return read(text) >= 0;
  }

  /** The 32 bits of {@code a.b.c.d}, first octet highest. */
  public static int addressBits(String text) {
    long bits = read(text);
    if (bits < 0) {
      throw new IllegalArgumentException("not an IPv4 address: \"" + text + "\"");
    }
    return (int) bits;
  }

  /** The bits of an address, or -1. Digit by digit: thousands are read when services are loaded. */
  private static long read(String text) {
    long bits = 0;
    int octet = 0;
    int digits = 0;
    int dots = 0;
    for (int i = 0; i < text.length(); i++) {
      char each = text.charAt(i);
      if (each >= '0' && each <= '9' && digits < 3) {
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

  public static int addressBits(Inet4Address address) {
    byte[] bytes = address.getAddress();
    return (bytes[0] & 0xff) << 24
        | (bytes[1] & 0xff) << 16
        | (bytes[2] & 0xff) << 8
        | bytes[3] & 0xff;
  }

  public static Inet4Address address(int bits) {
    byte[] bytes = {(byte) (bits >> 24), (byte) (bits >> 16), (byte) (bits >> 8), (byte) bits};
    try {
      return (Inet4Address) InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an IPv4 address", e);
    }
  }

  /** How many addresses, the first and the last included. */
  public long size() {
    return 1L << 32 - prefixBits;
  }

  /** The address at an offset from the first, which is 0. */
  public Inet4Address at(int offset) {
    return address(base + offset);
  }

  public boolean contains(Inet4Address address) {
    return (addressBits(address) & mask(prefixBits)) == base;
  }

  private static int mask(int bits) {
    return bits == 0 ? 0 : -1 << 32 - bits;
  }

  @Override
  public String toString() {
    return address(base).getHostAddress() + "/" + prefixBits;
  }
}
