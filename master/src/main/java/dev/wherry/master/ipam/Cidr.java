package dev.wherry.master.ipam;

import java.util.Optional;

/**
 * A block of IPv4 addresses, such as {@code 10.43.0.0/16}. Immutable.
 *
 * @param base the first address as an unsigned 32-bit number; the bits behind the prefix are zero
 * @param prefixLength 0 to 32
 */
public record Cidr(long base, int prefixLength) {
  private static final int BITS = 32;

  public Cidr {
    if (prefixLength < 0 || prefixLength > BITS) {
      throw new IllegalArgumentException("no prefix length: " + prefixLength);
    }
    if (base < 0 || base >= 1L << BITS || base % (1L << (BITS - prefixLength)) != 0) {
      throw new IllegalArgumentException("no base of a /" + prefixLength + ": " + text(base));
    }
  }

  /**
   * Parses {@code A.B.C.D/N}; bits behind the prefix are dropped.
   *
   * @throws IllegalArgumentException when the text is none
   */
  public static Cidr parse(String text) {
    int slash = text.indexOf('/');
    Optional<Long> address = slash < 0 ? Optional.empty() : address(text.substring(0, slash));
    if (address.isEmpty() || !text.substring(slash + 1).matches("\\d{1,2}")) {
      throw new IllegalArgumentException("invalid CIDR address: " + text);
    }
    int length = Integer.parseInt(text.substring(slash + 1));
    if (length > BITS) {
      throw new IllegalArgumentException("invalid CIDR address: " + text);
    }
    long size = 1L << (BITS - length);
    return new Cidr(address.get() / size * size, length);
  }

  /** The number of a dotted address, if the text is one. */
  public static Optional<Long> address(String text) {
    String[] parts = text.split("\\.", -1);
    if (parts.length != 4) {
      return Optional.empty();
    }
    long number = 0;
    for (String part : parts) {
      if (!part.matches("0|[1-9]\\d{0,2}") || Integer.parseInt(part) > 255) {
        return Optional.empty();
      }
      number = number << 8 | Integer.parseInt(part);
    }
    return Optional.of(number);
  }

  /** The dotted text of an address. */
  public static String text(long address) {
    return (address >> 24 & 255)
        + "."
        + (address >> 16 & 255)
        + "."
        + (address >> 8 & 255)
        + "."
        + (address & 255);
  }

  /** How many addresses there are. */
  public long size() {
    return 1L << (BITS - prefixLength);
  }

  public boolean contains(long address) {
    return address >= base && address < base + size();
  }

  @Override
  public String toString() {
    return text(base) + "/" + prefixLength;
  }
}
