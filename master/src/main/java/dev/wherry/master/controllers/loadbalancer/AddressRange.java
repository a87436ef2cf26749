package dev.wherry.master.controllers.loadbalancer;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Addresses of the nodes' own network that services may be given: {@code FIRST-LAST} or a CIDR, of
 * which the first and the last address are left out. Immutable.
 *
 * @param first as an unsigned 32-bit number
 * @param last itself included
 */
public record AddressRange(long first, long last) {

  /** No address at all: services get those of the nodes. */
  public static final AddressRange NONE = new AddressRange(1, 0);

  /** A bound on what is searched for a free one. */
  static final int MAX_SIZE = 65_536;

  public AddressRange {
    if (last - first >= MAX_SIZE) {
      throw new IllegalArgumentException("more than " + MAX_SIZE + " addresses");
    }
  }

  /**
   * Reads the text; empty: {@link #NONE}.
   *
   * @throws IllegalArgumentException when it is no range
   */
  public static AddressRange parse(String text) {
    if (text.isEmpty()) {
      return NONE;
    }
    if (text.indexOf('/') > 0) {
      Cidr cidr = Cidr.parse(text);
      if (cidr.family() != IpFamily.IPV4) {
        throw new IllegalArgumentException("no IPv4 range: \"" + text + "\"");
      }
      long base = number(cidr.base());
      return new AddressRange(base + 1, base + cidr.size() - 2);
    }
    int dash = text.indexOf('-');
    Optional<Long> from = number(dash < 0 ? text : text.substring(0, dash));
    Optional<Long> to = number(dash < 0 ? text : text.substring(dash + 1));
    if (from.isEmpty() || to.isEmpty() || to.get() < from.get()) {
      throw new IllegalArgumentException("no address range: \"" + text + "\"");
    }
    return new AddressRange(from.get(), to.get());
  }

  private static Optional<Long> number(String address) {
    return Ip.find(address).filter(Ip::isIpv4).map(AddressRange::number);
  }

  private static long number(Ip address) {
    return Integer.toUnsignedLong(address.lowBits());
  }

  boolean isEmpty() {
    return last < first;
  }

  boolean contains(String address) {
    return number(address).filter(each -> each >= first && each <= last).isPresent();
  }

  /** The first that is not taken. */
  Optional<String> free(Set<String> taken) {
    for (long each = first; each <= last; each++) {
      String text = Ip.ofIpv4((int) each).text();
      if (!taken.contains(text)) {
        return Optional.of(text);
      }
    }
    return Optional.empty();
  }

  /** All of them. */
  List<String> addresses() {
    List<String> all = new ArrayList<>();
    for (long each = first; each <= last; each++) {
      all.add(Ip.ofIpv4((int) each).text());
    }
    return all;
  }
}
