package dev.wherry.cli;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.NodeRestriction;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.LinkedHashMap;
import java.util.Map;

/** Labels that a node gives itself, as the flag {@code --node-labels} has them. Pure. */
final class NodeLabels {
  private NodeLabels() {}

  /**
   * Reads {@code KEY=VALUE,KEY=VALUE}.
   *
   * @throws UserError where that is no label, or one that is not a node's to set
   */
  static Map<String, String> parse(String text) {
    Map<String, String> labels = new LinkedHashMap<>();
    for (String each : text.split(",", -1)) {
      if (each.isBlank()) {
        continue;
      }
      int equals = each.indexOf('=');
      if (equals < 0) {
        throw new UserError("--node-labels must be KEY=VALUE,..., not \"" + each + "\"");
      }
      labels.put(each.substring(0, equals).strip(), each.substring(equals + 1).strip());
    }
    Causes causes = new Causes();
    Labels.checkMap(Obj.of(labels), "--node-labels", causes);
    if (!causes.isEmpty()) {
      throw new UserError(causes.list().getFirst().toString());
    }
    for (String key : labels.keySet()) {
      if (!NodeRestriction.isNodes(key)) {
        throw new UserError(
            "--node-labels: "
                + key
                + " is not a label that a node may set itself; kubectl label can");
      }
    }
    return labels;
  }
}
