package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.List;

/** What taints of devices, and tolerations of them, must be like. Pure. */
final class DeviceTaintChecks {
  private static final int MAX_TOLERATIONS = 16;
  private static final List<String> EFFECTS = List.of("NoExecute", "NoSchedule", "None");

  private DeviceTaintChecks() {}

  static void tolerations(List<Obj> tolerations, String path, Causes causes) {
    causes.ifTooMany(path, tolerations.size(), MAX_TOLERATIONS);
    for (int i = 0; i < tolerations.size(); i++) {
      toleration(tolerations.get(i), path + "[" + i + "]", causes);
    }
  }

  private static void toleration(Obj toleration, String path, Causes causes) {
    if (!toleration.string("key").isEmpty()) {
      Labels.checkQualifiedName(toleration.string("key"), path + ".key", causes);
    }
    String value = toleration.string("value");
    switch (toleration.string("operator")) {
      case "Exists" -> {
        if (!value.isEmpty()) {
          causes.invalid(path + ".value", value, "must be empty for operator `Exists`");
        }
      }
      case "Equal" -> Labels.checkValue(value, path + ".value", causes);
      default ->
          causes.notSupported(
              path + ".operator", toleration.string("operator"), List.of("Equal", "Exists"));
    }
    String effect = toleration.string("effect");
    if (!effect.isEmpty() && !EFFECTS.contains(effect)) {
      causes.notSupported(path + ".effect", effect, EFFECTS);
    }
  }

  /** A device's taint, which says its effect. */
  static void taint(Obj taint, String path, Causes causes) {
    Labels.checkQualifiedName(taint.string("key"), path + ".key", causes);
    Labels.checkValue(taint.string("value"), path + ".value", causes);
    Checks.oneOf(taint, "effect", path, EFFECTS, causes);
  }
}
