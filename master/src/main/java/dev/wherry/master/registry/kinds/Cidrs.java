package dev.wherry.master.registry.kinds;

import dev.wherry.master.registry.Causes;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;

/** Ranges of addresses in CIDR notation (RFC 4632, RFC 4291), of both families. Pure. */
final class Cidrs {
  private static final String COMPLAINT =
      "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)";
  private static final int IPV4_BITS = 32;
  private static final int IPV6_BITS = 128;
  private static final int GROUPS = 8;

  /** An address, its family's length and the bits of the prefix. */
  private record Range(BigInteger address, int length, int prefix) {
    boolean contains(Range other) {
      return length == other.length
          && prefix < other.prefix
          && address.shiftRight(length - prefix).equals(other.address.shiftRight(length - prefix));
    }
  }

  private Cidrs() {}

  /** Whether this is a range; says so where it is none. */
  static boolean check(String text, String path, Causes causes) {
    if (parse(text).isPresent()) {
      return true;
    }
    causes.invalid(path, text, COMPLAINT);
    return false;
  }

  /** Whether this is a range, or an address and the length of its network's prefix. */
  static boolean isRange(String text) {
    return parse(text).isPresent();
  }

  /** Whether this is an address of either family, as it is usually written. */
  static boolean isAddress(String text) {
    return (text.contains(":") ? ipv6(text) : ipv4(text)).isPresent();
  }

  /** Whether these are one address or range of IPv4 and one of IPv6, in either order. */
  static boolean isOneOfEachFamily(List<String> addressesOrRanges) {
    return addressesOrRanges.size() == 2
        && addressesOrRanges.getFirst().contains(":") != addressesOrRanges.getLast().contains(":");
  }

  /** Whether the one lies in the other and is smaller; false where either is no range. */
  static boolean isWithin(String inner, String outer) {
    Optional<Range> one = parse(inner);
    return parse(outer).filter(range -> one.filter(range::contains).isPresent()).isPresent();
  }

  private static Optional<Range> parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != 2 || !parts[1].matches("[0-9]{1,3}")) {
      return Optional.empty();
    }
    int length = parts[0].contains(":") ? IPV6_BITS : IPV4_BITS;
    int prefix = Integer.parseInt(parts[1]);
    Optional<BigInteger> address = length == IPV4_BITS ? ipv4(parts[0]) : ipv6(parts[0]);
    return address.filter(_ -> prefix <= length).map(number -> new Range(number, length, prefix));
  }

  private static Optional<BigInteger> ipv4(String text) {
    String[] octets = text.split("\\.", -1);
    if (octets.length != 4) {
      return Optional.empty();
    }
    long number = 0;
    for (String octet : octets) {
      if (!octet.matches("0|[1-9][0-9]{0,2}") || Integer.parseInt(octet) > 255) {
        return Optional.empty();
      }
      number = number << Byte.SIZE | Integer.parseInt(octet);
    }
    return Optional.of(BigInteger.valueOf(number));
  }

  /** Eight groups, of which {@code ::} stands for those of zeros, once. */
  private static Optional<BigInteger> ipv6(String text) {
    String[] halves = text.split("::", -1);
    if (halves.length > 2) {
      return Optional.empty();
    }
    String[] head = groups(halves[0]);
    String[] tail = halves.length == 2 ? groups(halves[1]) : new String[0];
    int given = head.length + tail.length;
    if (halves.length == 2 ? given >= GROUPS : given != GROUPS) {
      return Optional.empty();
    }
    BigInteger number = BigInteger.ZERO;
    for (int i = 0; i < GROUPS; i++) {
      int fromTail = i - (GROUPS - tail.length);
      String group = i < head.length ? head[i] : fromTail >= 0 ? tail[fromTail] : "0";
      if (!group.matches("[0-9a-fA-F]{1,4}")) {
        return Optional.empty();
      }
      number = number.shiftLeft(Short.SIZE).or(new BigInteger(group, 16));
    }
    return Optional.of(number);
  }

  private static String[] groups(String half) {
    return half.isEmpty() ? new String[0] : half.split(":", -1);
  }
}
