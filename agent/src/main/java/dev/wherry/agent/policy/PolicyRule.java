package dev.wherry.agent.policy;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.stream.Collectors;

/**
 * What one rule of a policy lets through: connections between the pod whose rule it is and these
 * peers, at these ports of whoever is asked. Said to nftables as text, and answered here for
 * connections that nftables does not see. Immutable.
 */
record PolicyRule(Peers peers, Ports ports) {
  private static final SortedSet<String> NOBODY = Collections.emptySortedSet();

  /** Whom the pod may be asked by, or ask. */
  sealed interface Peers {
    /** All there are. */
    record Everybody() implements Peers {}

    /** Addresses of a range, but for parts of it, which may overlap. */
    record Block(Cidr range, List<Cidr> except) implements Peers {}

    /** Addresses of a set, which changes without the rules that name it. */
    record Selected(String set) implements Peers {}

    /** These addresses alone. */
    record These(SortedSet<String> addresses) implements Peers {}
  }

  /**
   * @param protocol {@code tcp}, {@code udp} or {@code sctp}; empty: any
   * @param first 0: all of the protocol
   * @param last included
   */
  record Ports(String protocol, int first, int last) {
    static final Ports ALL = new Ports("", 0, 0);

    private String text() {
      if (protocol.isEmpty()) {
        return "";
      }
      if (first == 0) {
        return "meta l4proto " + protocol + " ";
      }
      return protocol + " dport " + first + (last > first ? "-" + last : "") + " ";
    }

    private boolean contain(String its, int port) {
      return protocol.isEmpty()
          || protocol.equals(its) && (first == 0 || first <= port && port <= Math.max(first, last));
    }
  }

  /**
   * As nftables reads it.
   *
   * @param field of packets that has the peer's address
   */
  String text(String field) {
    return text(peers, field) + ports.text() + "accept";
  }

  private static String text(Peers peers, String field) {
    return switch (peers) {
      case Peers.Everybody() -> "";
      case Peers.Selected(String set) -> field + " @" + set + " ";
      case Peers.These(SortedSet<String> one) when one.size() == 1 ->
          field + " " + one.first() + " ";
      case Peers.These(SortedSet<String> many) -> field + " { " + String.join(", ", many) + " } ";
      case Peers.Block(Cidr range, List<Cidr> except) -> {
        String match = field + " " + range + " ";
        // One set, since a rule has room for some 60 comparisons; of parts that are apart, since
        // one that overlap might be refused. What is refused takes all policies with it.
        String parts =
            Cidr.apart(except).stream().map(Cidr::toString).collect(Collectors.joining(", "));
        yield except.isEmpty() ? match : match + field + " != { " + parts + " } ";
      }
    };
  }

  /**
   * Whether it lets a connection through.
   *
   * @param sets addresses by the names of sets
   */
  boolean admits(Ip peer, String protocol, int port, SortedMap<String, SortedSet<String>> sets) {
    return ports.contain(protocol, port) && isOf(peer, sets);
  }

  private boolean isOf(Ip peer, SortedMap<String, SortedSet<String>> sets) {
    return switch (peers) {
      case Peers.Everybody() -> true;
      case Peers.Selected(String set) -> sets.getOrDefault(set, NOBODY).contains(peer.text());
      case Peers.These(SortedSet<String> addresses) -> addresses.contains(peer.text());
      case Peers.Block(Cidr range, List<Cidr> except) ->
          range.contains(peer) && except.stream().noneMatch(part -> part.contains(peer));
    };
  }
}
