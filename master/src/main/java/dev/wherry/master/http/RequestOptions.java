package dev.wherry.master.http;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector.LogOptions;
import dev.wherry.master.registry.Connector.LogStream;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads the options of verbs from queries and bodies. Pure. */
final class RequestOptions {
  private static final int MAX_MANAGER = 128;

  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

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
      throw StatusException.badRequest(String.valueOf(e.getMessage()));
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
    if (query.flag("watch")) {
      return;
    }
    if (!query.text("sendInitialEvents").isEmpty()) {
      throw invalid(
          Cause.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
    }
    if (match.isEmpty()) {
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

  /** Whose options of a write they are. */
  enum Write {
    CREATE("CreateOptions"),
    UPDATE("UpdateOptions"),
    PATCH("PatchOptions"),
    APPLY("PatchOptions");

    private final String kind;

    Write(String kind) {
      this.kind = kind;
    }
  }

  /**
   * {@code metav1.CreateOptions}, {@code UpdateOptions} and {@code PatchOptions}. A client that
   * names no manager is known by its program; who applies must name one.
   *
   * @throws StatusException INVALID for what none of them may say
   */
  static WriteOptions write(ApiRequest request, Write write) {
    Query query = request.query();
    List<Cause> causes = new ArrayList<>();
    String manager = query.text("fieldManager");
    checkManager(manager, causes);
    if (manager.isEmpty() && write != Write.APPLY) {
      manager = program(request.header("user-agent"));
    }
    boolean dryRun = dryRun(query.all("dryRun"), causes);
    WriteOptions.FieldValidation validation = WriteOptions.FieldValidation.WARN;
    switch (query.text("fieldValidation")) {
      case "Strict" -> validation = WriteOptions.FieldValidation.STRICT;
      case "Ignore" -> validation = WriteOptions.FieldValidation.IGNORE;
      case "", "Warn" -> {}
      default ->
          causes.add(
              Cause.notSupported(
                  "fieldValidation",
                  query.text("fieldValidation"),
                  List.of("", "Ignore", "Strict", "Warn")));
    }
    boolean force = query.flag("force");
    if (write == Write.PATCH && query.has("force")) {
      causes.add(Cause.forbidden("force", "may not be specified for non-apply patch"));
    }
    if (!causes.isEmpty()) {
      throw StatusException.invalid("meta.k8s.io", write.kind, "", causes);
    }
    return new WriteOptions(manager, dryRun, validation, force);
  }

  private static void checkManager(String manager, List<Cause> causes) {
    if (manager.length() > MAX_MANAGER) {
      causes.add(
          new Cause(
              "FieldValueTooLong",
              "fieldManager",
              "Too long: may not be more than " + MAX_MANAGER + " bytes"));
    }
    if (manager.codePoints().anyMatch(Character::isISOControl)) {
      causes.add(
          Cause.invalid("fieldManager", manager, "should only contain printable characters"));
    }
  }

  /** {@code kubectl} of {@code kubectl/v1.33.0 (linux/amd64)}. */
  private static String program(String userAgent) {
    int slash = userAgent.indexOf('/');
    String first = slash < 0 ? userAgent : userAgent.substring(0, slash);
    String name = CONTROL.matcher(first).replaceAll("").strip();
    return name.isEmpty() ? "unknown" : name.substring(0, Math.min(name.length(), MAX_MANAGER));
  }

  private static boolean dryRun(List<String> values, List<Cause> causes) {
    if (!values.isEmpty() && !values.stream().allMatch("All"::equals)) {
      causes.add(Cause.notSupported("dryRun", values, List.of("All")));
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
    OptionalLong tailLines = atLeast(query, "tailLines", 0);
    LogStream stream = stream(query.text("stream"));
    if (tailLines.isPresent() && stream != LogStream.ALL) {
      throw invalid(
          "", "Forbidden: `tailLines` and specific `stream` are mutually exclusive for now");
    }
    return new LogOptions(
        query.text("container"),
        query.flag("follow"),
        query.flag("previous"),
        query.flag("timestamps"),
        stream,
        sinceSeconds,
        sinceTime,
        tailLines,
        atLeast(query, "limitBytes", 1));
  }

  private static LogStream stream(String name) {
    return switch (name) {
      case "", "All" -> LogStream.ALL;
      case "Stdout" -> LogStream.STDOUT;
      case "Stderr" -> LogStream.STDERR;
      default ->
          throw invalid(
              "stream",
              "Unsupported value: \""
                  + name
                  + "\": supported values: \"All\", \"Stderr\", \"Stdout\"");
    };
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
    List<Cause> causes = new ArrayList<>();
    dryRun(options.strings("dryRun"), causes);
    if (!causes.isEmpty()) {
      throw StatusException.invalid("meta.k8s.io", "DeleteOptions", "", causes);
    }
    return DeleteOptions.of(options);
  }
}
