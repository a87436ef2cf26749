package dev.wherry.master.scheduling;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the pod's volumes demand of its node. Immutable.
 *
 * @param fault why no node at all will do, such as a claim that does not exist; empty: nothing
 * @param bound for each volume that is bound, the terms of which its node must match one; a volume
 *     that can be anywhere is not listed
 * @param lost claims whose volume is gone
 * @param open claims that are bound when the node is known
 * @param exclusive keys of claims that one pod alone may use
 */
public record VolumeDemand(
    String fault,
    List<List<NodeTerm>> bound,
    int lost,
    List<OpenClaim> open,
    Set<String> exclusive) {
  public static final VolumeDemand NONE = new VolumeDemand("", List.of(), 0, List.of(), Set.of());

  /**
   * A claim that waits for its first consumer.
   *
   * @param key namespace and name
   * @param candidates volumes that suit it, the one to take first before the others
   * @param provisioned the terms of which a node must match one for a volume to be made there, none
   *     of them: any node; empty: nothing is made
   */
  public record OpenClaim(
      String key, List<Candidate> candidates, Optional<List<NodeTerm>> provisioned) {
    public OpenClaim {
      candidates = List.copyOf(candidates);
    }
  }

  /** A volume that is free, and the terms of which a node must match one; none: any node. */
  public record Candidate(String volume, List<NodeTerm> terms) {}

  /** What an open claim gets. */
  public sealed interface Choice {
    /** The volume of this name. */
    record Existing(String volume) implements Choice {}

    /** One that is made on the node. */
    record Provisioned() implements Choice {}
  }

  public VolumeDemand {
    bound = List.copyOf(bound);
    open = List.copyOf(open);
    exclusive = Set.copyOf(exclusive);
  }

  /** Whether the node is right for what is bound, and nothing else is wrong. */
  public boolean isMetBy(NodeFacts node) {
    return fault.isEmpty() && lost == 0 && boundFit(node);
  }

  boolean boundFit(NodeFacts node) {
    for (List<NodeTerm> terms : bound) {
      if (!NodeTerm.anyMatches(terms, node)) {
        return false;
      }
    }
    return true;
  }

  /** What each open claim would get on the node, by its key; empty: one of them gets nothing. */
  public Optional<Map<String, Choice>> choices(NodeFacts node) {
    Map<String, Choice> choices = new LinkedHashMap<>();
    Set<String> taken = new HashSet<>();
    for (OpenClaim claim : open) {
      Optional<Candidate> found =
          claim.candidates().stream()
              .filter(each -> !taken.contains(each.volume()))
              .filter(each -> each.terms().isEmpty() || NodeTerm.anyMatches(each.terms(), node))
              .findFirst();
      if (found.isPresent()) {
        taken.add(found.get().volume());
        choices.put(claim.key(), new Choice.Existing(found.get().volume()));
      } else if (claim.provisioned().isPresent()
          && (claim.provisioned().get().isEmpty()
              || NodeTerm.anyMatches(claim.provisioned().get(), node))) {
        choices.put(claim.key(), new Choice.Provisioned());
      } else {
        return Optional.empty();
      }
    }
    return Optional.of(choices);
  }
}
