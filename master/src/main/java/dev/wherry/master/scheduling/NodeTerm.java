package dev.wherry.master.scheduling;

import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One node selector term: all of its expressions on labels and on fields. Immutable. */
public record NodeTerm(LabelSelector labels, LabelSelector fields) {

  /** A term that asks nothing matches no node (core/v1: NodeSelectorTerm). */
  boolean matches(NodeFacts node) {
    return !(labels.isEverything() && fields.isEverything())
        && labels.matches(node.labels())
        && (fields.isEverything() || fields.matches(Map.of("metadata.name", node.name().text())));
  }

  static boolean anyMatches(List<NodeTerm> terms, NodeFacts node) {
    for (NodeTerm term : terms) {
      if (term.matches(node)) {
        return true;
      }
    }
    return false;
  }

  public static NodeTerm of(Obj term) {
    return new NodeTerm(
        expressions(term.objs("matchExpressions")), expressions(term.objs("matchFields")));
  }

  /** The terms of a {@code NodeSelector}. */
  public static List<NodeTerm> listOf(Obj nodeSelector) {
    return nodeSelector.objs("nodeSelectorTerms").stream().map(NodeTerm::of).toList();
  }

  private static LabelSelector expressions(List<Obj> expressions) {
    List<LabelSelector.Requirement> requirements = new ArrayList<>();
    expressions.forEach(each -> requirements.add(LabelSelector.requirement(each)));
    return new LabelSelector(requirements);
  }
}
