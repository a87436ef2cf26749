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

  /** The 32 bits of {@code a.b.c.d}, first octet highest. */
  public static int addressBits(String text) {
    String[] octets = text.split("\\.", -1);
    if (octets.length != 4) {
      throw new IllegalArgumentException("not an IPv4 address: \"" + text + "\"");
    }
    int bits = 0;
    for (String octet : octets) {
      int value = octet.length() <= 3 ? Integer.parseInt(octet) : -1;
      if (value < 0 || value > 255) {
        throw new IllegalArgumentException("not an IPv4 address: \"" + text + "\"");
      }
      bits = bits << 8 | value;
    }
    return bits;
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
