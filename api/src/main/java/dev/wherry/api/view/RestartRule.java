package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** One entry of a container's {@code restartPolicyRules}: what an exit code brings about. */
public record RestartRule(Obj tree) {
  /** {@code Restart} or {@code RestartAllContainers}. */
  public String action() {
    return tree.string("action");
  }

  /** Whether it applies to this exit code; one without exit codes applies to none. */
  public boolean matches(int exitCode) {
    Obj codes = tree.obj("exitCodes");
    List<Object> values = codes.list("values");
    boolean in =
        values.stream().anyMatch(each -> each instanceof Number n && n.intValue() == exitCode);
    return switch (codes.string("operator")) {
      case "In" -> in;
      case "NotIn" -> !in;
      default -> false;
    };
  }
}
