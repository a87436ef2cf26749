package dev.wherry.master.controllers.daemonset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.scheduling.NodeTerm;
import java.util.Map;

/** Whether a node selector takes a node, as the scheduler reads it. Pure. */
final class NodeTerms {
  private NodeTerms() {}

  static boolean anyMatches(Obj selector, Meta node) {
    for (NodeTerm term : NodeTerm.listOf(selector)) {
      boolean asksNothing = term.labels().isEverything() && term.fields().isEverything();
      if (!asksNothing
          && term.labels().matches(node.labels())
          && term.fields().matches(Map.of("metadata.name", node.name()))) {
        return true;
      }
    }
    return false;
  }
}
