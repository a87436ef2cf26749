package dev.wherry.master.http;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector.LogOptions;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import java.util.OptionalLong;

/** Reads the options of verbs from queries and bodies. Pure. */
final class RequestOptions {
  private RequestOptions() {}

  /**
   * {@code metav1.ListOptions}.
   *
   * @throws StatusException BAD_REQUEST for a selector or number that cannot be parsed
   */
  static ListOptions list(Query query) {
    LabelSelector labels;
    try {
      labels = LabelSelector.parse(query.text("labelSelector"));
    } catch (IllegalArgumentException e) {
      throw StatusException.badRequest(
          "unable to parse labelSelector \""
              + query.text("labelSelector")
              + "\": "
              + e.getMessage());
    }
    long limit = query.number("limit").orElse(0);
    if (limit < 0) {
      throw StatusException.badRequest("limit must not be negative: " + limit);
    }
    checkMatch(query);
    return new ListOptions(
        labels,
        query.text("fieldSelector"),
        (int) Math.min(limit, Integer.MAX_VALUE),
        query.text("continue"),
        query.text("resourceVersion"),
        query.text("resourceVersionMatch"));
  }

  /** What {@code resourceVersionMatch} goes with (Kubernetes API concepts, resource versions). */
  private static void checkMatch(Query query) {
    String match = query.text("resourceVersionMatch");
    if (match.isEmpty() || query.flag("watch")) {
      return;
    }
    String version = query.text("resourceVersion");
    if (!match.equals("Exact") && !match.equals("NotOlderThan")) {
      throw invalid(
          Cause.notSupported("resourceVersionMatch", match, List.of("Exact", "NotOlderThan")));
    }
    if (version.isEmpty()) {
      throw forbidden("resourceVersionMatch is forbidden unless resourceVersion is provided");
    }
    if (!query.text("continue").isEmpty()) {
      throw forbidden("resourceVersionMatch is forbidden when continue is provided");
    }
    if (match.equals("Exact") && version.equals("0")) {
      throw forbidden("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    }
  }

  /** {@code resourceVersionMatch} may not stand there. */
  static StatusException forbidden(String why) {
    return invalid(Cause.forbidden("resourceVersionMatch", why));
  }

  private static StatusException invalid(Cause cause) {
    return StatusException.invalid("meta.k8s.io", "ListOptions", "", List.of(cause));
  }

  /** {@code metav1.CreateOptions}, {@code UpdateOptions} and {@code PatchOptions}. */
  static WriteOptions write(Query query) {
    WriteOptions.FieldValidation validation =
        switch (query.text("fieldValidation")) {
          case "Strict" -> WriteOptions.FieldValidation.STRICT;
          case "Ignore" -> WriteOptions.FieldValidation.IGNORE;
          case "", "Warn" -> WriteOptions.FieldValidation.WARN;
          default ->
              throw StatusException.badRequest(
                  "fieldValidation: Unsupported value: \""
                      + query.text("fieldValidation")
                      + "\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\"");
        };
    return new WriteOptions(
        query.text("fieldManager"), dryRun(query.all("dryRun")), validation, query.flag("force"));
  }

  private static boolean dryRun(List<String> values) {
    for (String value : values) {
      if (!value.equals("All")) {
        throw StatusException.badRequest(
            "dryRun: Unsupported value: \"" + value + "\": supported values: \"All\"");
      }
    }
    return !values.isEmpty();
  }

  /**
   * {@code v1.PodLogOptions}.
   *
   * @throws StatusException BAD_REQUEST or INVALID for what makes no sense
   */
  static LogOptions log(Query query) {
    OptionalLong sinceSeconds = atLeast(query, "sinceSeconds", 1);
    String sinceTime = query.text("sinceTime");
    if (sinceSeconds.isPresent() && !sinceTime.isEmpty()) {
      throw invalid("", "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified");
    }
    if (!sinceTime.isEmpty() && Meta.Times.parse(sinceTime).isEmpty()) {
      throw StatusException.badRequest(
          "invalid value of the query parameter \"sinceTime\": \"" + sinceTime + "\"");
    }
    return new LogOptions(
        query.text("container"),
        query.flag("follow"),
        query.flag("previous"),
        query.flag("timestamps"),
        sinceSeconds,
        sinceTime,
        atLeast(query, "tailLines", 0),
        atLeast(query, "limitBytes", 1));
  }

  private static OptionalLong atLeast(Query query, String name, long least) {
    OptionalLong number = query.number(name);
    if (number.isPresent() && number.getAsLong() < least) {
      String bound = "must be greater than " + (least == 0 ? "or equal to 0" : "0");
      throw invalid(name, "Invalid value: " + number.getAsLong() + ": " + bound);
    }
    return number;
  }

  private static StatusException invalid(String field, String why) {
    String message = field.isEmpty() ? why : field + ": " + why;
    return StatusException.of(Reason.INVALID, "PodLogOptions \"\" is invalid: " + message);
  }

  /** {@code metav1.DeleteOptions}: of the body where there is one, what lacks of the query. */
  static DeleteOptions delete(Query query, Obj body) {
    Obj options = body;
    OptionalLong grace = query.number("gracePeriodSeconds");
    if (!options.has("gracePeriodSeconds") && grace.isPresent()) {
      options = options.with("gracePeriodSeconds", grace.getAsLong());
    }
    if (options.number("gracePeriodSeconds", 0) < 0) {
      throw StatusException.badRequest("gracePeriodSeconds must not be negative");
    }
    if (!options.has("propagationPolicy") && query.has("propagationPolicy")) {
      options = options.with("propagationPolicy", query.text("propagationPolicy"));
    }
    if (!options.has("orphanDependents") && query.has("orphanDependents")) {
      options = options.with("orphanDependents", query.flag("orphanDependents"));
    }
    if (!options.has("dryRun")) {
      options = options.with("dryRun", query.all("dryRun"));
    }
    dryRun(options.strings("dryRun"));
    return DeleteOptions.of(options);
  }
}
