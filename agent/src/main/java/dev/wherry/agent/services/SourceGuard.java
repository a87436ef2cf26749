package dev.wherry.agent.services;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.IpFamily;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;

/**
 * Who may come to addresses of a load balancer ({@code loadBalancerSourceRanges}). Immutable.
 *
 * @param addresses those that are guarded; empty: none
 * @param ranges from which clients may come, not empty where there are addresses
 */
public record SourceGuard(SortedSet<String> addresses, List<String> ranges) {
  static final SourceGuard NONE = new SourceGuard(Collections.emptySortedSet(), List.of());

  /** Ranges of another family guard nothing here, as kube-proxy has it; nor does what is none. */
  static SourceGuard of(IpFamily family, SortedSet<String> addresses, List<String> ranges) {
    List<Cidr> ours = new ArrayList<>();
    for (String range : ranges) {
      if (family.isRange(range.strip())) {
        ours.add(Cidr.parse(range.strip()));
      }
    }
    return addresses.isEmpty() || ours.isEmpty()
        ? NONE
        : new SourceGuard(
            addresses, Cidr.apart(ours).stream().map(Cidr::toString).sorted().toList());
  }
}
