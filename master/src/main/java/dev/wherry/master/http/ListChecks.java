package dev.wherry.master.http;

import dev.wherry.api.status.Cause;
import java.util.ArrayList;
import java.util.List;

/**
 * Which options of a list or watch do not go together (Kubernetes API concepts, resource versions
 * and streaming lists). Pure.
 */
final class ListChecks {
  private static final String MATCH = "resourceVersionMatch";
  private static final String INITIAL = "sendInitialEvents";
  private static final String EXACT = "Exact";
  private static final String NOT_OLDER = "NotOlderThan";

  private ListChecks() {}

  /** Everything that is wrong, in the order that Kubernetes says it in. */
  static List<Cause> complaints(Query query) {
    return query.flag("watch") ? ofWatch(query) : ofList(query);
  }

  private static List<Cause> ofList(Query query) {
    List<Cause> causes = new ArrayList<>();
    String match = query.text(MATCH);
    if (!match.isEmpty()) {
      String version = query.text("resourceVersion");
      if (version.isEmpty()) {
        causes.add(
            forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided"));
      }
      checkContinue(query, causes);
      if (!match.equals(EXACT) && !match.equals(NOT_OLDER)) {
        causes.add(Cause.notSupported(MATCH, match, List.of(EXACT, NOT_OLDER, "")));
      }
      if (match.equals(EXACT) && version.equals("0")) {
        causes.add(
            forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
      }
    }
    if (query.has(INITIAL)) {
      causes.add(Cause.forbidden(INITIAL, "sendInitialEvents is forbidden for list"));
    }
    return causes;
  }

  private static List<Cause> ofWatch(Query query) {
    List<Cause> causes = new ArrayList<>();
    String match = query.text(MATCH);
    if (query.has(INITIAL) && !match.equals(NOT_OLDER)) {
      causes.add(
          forbidden("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
    if (!match.isEmpty()) {
      if (!query.has(INITIAL)) {
        causes.add(
            forbidden(
                "resourceVersionMatch is forbidden for watch unless sendInitialEvents is"
                    + " provided"));
      }
      if (!match.equals(NOT_OLDER)) {
        causes.add(Cause.notSupported(MATCH, match, List.of(NOT_OLDER)));
      }
      checkContinue(query, causes);
    }
    return causes;
  }

  private static void checkContinue(Query query, List<Cause> causes) {
    if (!query.text("continue").isEmpty()) {
      causes.add(forbidden("resourceVersionMatch is forbidden when continue is provided"));
    }
  }

  private static Cause forbidden(String why) {
    return Cause.forbidden(MATCH, why);
  }
}
