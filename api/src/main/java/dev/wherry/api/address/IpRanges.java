package dev.wherry.api.address;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The ranges that serve one purpose in a cluster: one of IPv4, and where the cluster has both
 * families one of IPv6 after it. As text they are separated by a comma, {@code
 * 10.42.0.0/16,fd42::/48}. Immutable.
 */
public record IpRanges(List<Cidr> all) {

  public IpRanges {
    all = List.copyOf(all);
    if (all.isEmpty() || all.size() > 2) {
      throw new IllegalArgumentException("one range of each address family at most, not " + all);
    }
    if (all.getFirst().family() != IpFamily.IPV4) {
      throw new IllegalArgumentException(
          "an IPv4 range has to come first (IPv6 alone is not supported), not " + all.getFirst());
    }
    if (all.size() == 2 && all.getLast().family() == IpFamily.IPV4) {
      throw new IllegalArgumentException(
          "the second range has to be an IPv6 one, not " + all.getLast());
    }
  }

  /**
   * Reads one range, or one of each family.
   *
   * @throws IllegalArgumentException when the text is none of this
   */
  public static IpRanges parse(String text) {
    List<Cidr> all = new ArrayList<>();
    for (String each : text.split(",", -1)) {
      all.add(Cidr.parse(each.strip()));
    }
    return new IpRanges(all);
  }

  public Cidr ipv4() {
    return all.getFirst();
  }

  /** Empty where the cluster has one family. */
  public Optional<Cidr> ipv6() {
    return of(IpFamily.IPV6);
  }

  public Optional<Cidr> of(IpFamily family) {
    return all.stream().filter(range -> range.family() == family).findFirst();
  }

  /** In the order of the ranges. */
  public List<IpFamily> families() {
    return all.stream().map(Cidr::family).toList();
  }

  public boolean contains(Ip address) {
    return all.stream().anyMatch(range -> range.contains(address));
  }

  public boolean overlaps(IpRanges other) {
    return all.stream().anyMatch(one -> other.all.stream().anyMatch(one::overlaps));
  }

  /**
   * The addresses of who has this one: with an IPv4 address of these ranges goes the IPv6 address
   * that is as far from the first of its range.
   */
  public List<Ip> both(Ip address) {
    long offset = ipv4().offset(address);
    List<Ip> both = new ArrayList<>(List.of(address));
    ipv6().filter(_ -> offset >= 0).ifPresent(range -> both.add(range.at(offset)));
    return both;
  }

  @Override
  public String toString() {
    return all.stream().map(Cidr::toString).collect(Collectors.joining(","));
  }
}
