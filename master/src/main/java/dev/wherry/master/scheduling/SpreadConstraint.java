package dev.wherry.master.scheduling;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.List;

/**
 * How evenly pods like this one are to lie over the places of a label (core/v1:
 * TopologySpreadConstraint). Immutable.
 *
 * @param maxSkew how many more than in the emptiest place
 * @param required whether a node that breaks it is out of question
 * @param minDomains as long as there are fewer places, the emptiest counts as empty
 * @param affinityPolicy whether nodes that the pod's node affinity leaves out are counted
 * @param taintsPolicy whether nodes with taints that the pod does not tolerate are counted
 */
public record SpreadConstraint(
    int maxSkew,
    String topologyKey,
    boolean required,
    LabelSelector selector,
    int minDomains,
    Inclusion affinityPolicy,
    Inclusion taintsPolicy) {

  /** Whether what keeps the pod from a node keeps the node from being counted. */
  public enum Inclusion {
    HONOR,
    IGNORE;

    static Inclusion of(String text, Inclusion fallback) {
      return switch (text) {
        case "Honor" -> HONOR;
        case "Ignore" -> IGNORE;
        default -> fallback;
      };
    }
  }

  static List<SpreadConstraint> listOf(Obj podSpec, PodLabels pod) {
    List<Obj> constraints = podSpec.objs("topologySpreadConstraints");
    return constraints.isEmpty()
        ? List.of()
        : constraints.stream().map(each -> of(each, pod)).toList();
  }

  private static SpreadConstraint of(Obj constraint, PodLabels pod) {
    return new SpreadConstraint(
        (int) constraint.number("maxSkew", 1),
        constraint.string("topologyKey"),
        !constraint.string("whenUnsatisfiable").equals("ScheduleAnyway"),
        PodAffinity.selector(constraint, pod),
        (int) constraint.number("minDomains", 1),
        Inclusion.of(constraint.string("nodeAffinityPolicy"), Inclusion.HONOR),
        Inclusion.of(constraint.string("nodeTaintsPolicy"), Inclusion.IGNORE));
  }

  boolean counts(PodLabels own, PodDemand other) {
    return !other.terminating()
        && own.namespace().equals(other.labels().namespace())
        && selector.matches(other.labels().labels());
  }
}
