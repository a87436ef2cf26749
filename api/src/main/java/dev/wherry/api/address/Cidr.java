package dev.wherry.api.address;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A range of IP addresses, such as {@code 10.42.0.0/24} or {@code fd42::/64}. Immutable.
 *
 * @param base the first address; bits behind the prefix are dropped
 * @param prefixBits 0 to 32, or to 128
 */
public record Cidr(Ip base, int prefixBits) {
  private static final int MAPPED_BITS = 96;

  public Cidr {
    int most = base.family().bits();
    if (prefixBits < 0 || prefixBits > most) {
      throw new IllegalArgumentException(
          "prefix length " + prefixBits + " is not within 0.." + most);
    }
    base = masked(base, prefixBits);
  }

  private static Ip masked(Ip ip, int prefixBits) {
    int bits = ip.isIpv4() ? prefixBits + MAPPED_BITS : prefixBits;
    return new Ip(ip.high() & mask(bits), ip.low() & mask(bits - Long.SIZE));
  }

  private static long mask(int bits) {
    return bits <= 0 ? 0 : bits >= Long.SIZE ? -1 : -1L << (Long.SIZE - bits);
  }

  /**
   * Reads {@code ADDRESS/BITS}.
   *
   * @throws IllegalArgumentException when the text is no such range
   */
  public static Cidr parse(String text) {
    return find(text)
        .orElseThrow(() -> new IllegalArgumentException("invalid CIDR address: " + text));
  }

  /** The range of a text that comes from users and may be anything. */
  public static Optional<Cidr> find(String text) {
    int slash = text.indexOf('/');
    if (slash < 0) {
      return Optional.empty();
    }
    int bits = number(text.substring(slash + 1));
    return Ip.find(text.substring(0, slash))
        .filter(base -> bits >= 0 && bits <= base.family().bits())
        .map(base -> new Cidr(base, bits));
  }

  /** Up to three digits, or -1. */
  private static int number(String text) {
    if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Integer.parseInt(text);
  }

  public IpFamily family() {
    return base.family();
  }

  /** How many bits its addresses differ in. */
  public int hostBits() {
    return family().bits() - prefixBits;
  }

  /**
   * How many addresses, the first and the last included; {@code Long.MAX_VALUE}: more than that.
   */
  public long size() {
    return hostBits() >= Long.SIZE - 1 ? Long.MAX_VALUE : 1L << hostBits();
  }

  /** The address at an offset from the first, which is 0. */
  public Ip at(long offset) {
    return base.plus(offset);
  }

  /** The part of this number where the range is divided into ones with longer prefixes. */
  public Cidr part(long number, int partBits) {
    int shift = family().bits() - partBits;
    Ip first =
        shift < Long.SIZE
            ? new Ip(
                base.high() + (shift == 0 ? 0 : number >>> (Long.SIZE - shift)),
                base.low() + (number << shift))
            : new Ip(base.high() + (number << (shift - Long.SIZE)), base.low());
    return new Cidr(first, partBits);
  }

  /** The number of a part that {@link #part} gave. */
  public long number(Cidr part) {
    int shift = family().bits() - part.prefixBits;
    long high = part.base.high() ^ base.high();
    long low = part.base.low() ^ base.low();
    if (shift >= Long.SIZE) {
      return high >>> (shift - Long.SIZE);
    }
    return shift == 0 ? low : high << (Long.SIZE - shift) | low >>> shift;
  }

  /**
   * How far an address is from the first, for ones within {@code Long.MAX_VALUE} of it; else -1.
   */
  public long offset(Ip address) {
    long distance = address.low() - base.low();
    return contains(address) && address.high() == base.high() && distance >= 0 ? distance : -1;
  }

  /** Addresses of the other family are in no range of this one. */
  public boolean contains(Ip address) {
    return address.isIpv4() == base.isIpv4() && masked(address, prefixBits).equals(base);
  }

  /** Whether an address is in both. */
  public boolean overlaps(Cidr other) {
    return contains(other.base) || other.contains(base);
  }

  /** The same addresses by ranges of which none is in another one, in the order given. */
  public static List<Cidr> apart(Collection<Cidr> ranges) {
    List<Cidr> apart = new ArrayList<>();
    for (Cidr each : ranges) {
      if (apart.stream().noneMatch(other -> other.covers(each))) {
        apart.removeIf(each::covers);
        apart.add(each);
      }
    }
    return apart;
  }

  private boolean covers(Cidr other) {
    return prefixBits <= other.prefixBits && contains(other.base);
  }

  @Override
  public String toString() {
    return base.text() + "/" + prefixBits;
  }
}
