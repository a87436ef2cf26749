package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Labels;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** Checks of conditions ({@code metav1.Condition}): one of a type, with when and why. Pure. */
final class ConditionChecks {
  private static final int MAX_REASON_BYTES = 1024;
  private static final int MAX_MESSAGE_BYTES = 32 * 1024;
  private static final Pattern REASON = Pattern.compile("[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?");
  private static final String REASON_COMPLAINT =
      "a condition reason must start with alphabetic character, optionally followed by a string of"
          + " alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
          + " (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or"
          + " 'ReasonA:ReasonB', regex used for validation is '"
          + REASON.pattern()
          + "')";
  private static final List<String> STATUSES = List.of("False", "True", "Unknown");

  private ConditionChecks() {}

  /** Checks the member {@code conditions} of what stands at this path. */
  static void check(Obj of, String at, Causes causes) {
    Set<String> seen = new HashSet<>();
    List<Obj> conditions = of.objs("conditions");
    for (int i = 0; i < conditions.size(); i++) {
      String path = at + ".conditions[" + i + "]";
      String type = conditions.get(i).string("type");
      if (!seen.add(type)) {
        causes.duplicate(path + ".type", type);
      }
      condition(conditions.get(i), path, causes);
    }
  }

  private static void condition(Obj condition, String path, Causes causes) {
    Labels.checkQualifiedName(condition.string("type"), path + ".type", causes);
    String status = condition.string("status");
    if (!STATUSES.contains(status)) {
      causes.notSupported(path + ".status", status, STATUSES);
    }
    long generation = condition.number("observedGeneration", 0);
    if (generation < 0) {
      causes.invalid(
          path + ".observedGeneration", generation, "must be greater than or equal to zero");
    }
    if (condition.string("lastTransitionTime").isEmpty()) {
      causes.required(path + ".lastTransitionTime", "must be set");
    }
    reason(condition.string("reason"), path + ".reason", causes);
    causes.ifTooLong(path + ".message", condition.string("message"), MAX_MESSAGE_BYTES);
  }

  private static void reason(String reason, String path, Causes causes) {
    if (reason.isEmpty()) {
      causes.required(path, "must be set");
      return;
    }
    if (!REASON.matcher(reason).matches()) {
      causes.invalid(path, reason, REASON_COMPLAINT);
    }
    causes.ifTooLong(path, reason, MAX_REASON_BYTES);
  }
}
