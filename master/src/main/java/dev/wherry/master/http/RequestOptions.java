package dev.wherry.master.http;

import dev.wherry.api.object.Meta;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.master.registry.Connector.LogOptions;
import dev.wherry.master.registry.Connector.LogStream;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.WriteOptions;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/** Reads the options of verbs from queries and bodies. Pure. */
final class RequestOptions {
  private static final int MAX_MANAGER_BYTES = 128;

  /** Controls, what is unassigned, and every space but the usual one. */
  private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{C}\\p{Z}&&[^ ]]");

  private RequestOptions() {}

  /**
   * {@code metav1.ListOptions}.
   *
   * @throws StatusException BAD_REQUEST for a selector or number that cannot be parsed; INVALID for
   *     options that do not go together
   */
  static ListOptions list(Query query) {
    LabelSelector labels;
    try {
      labels = LabelSelector.parse(query.text("labelSelector"));
    } catch (IllegalArgumentException e) {
      throw StatusException.badRequest(String.valueOf(e.getMessage()));
    }
    List<Cause> causes = ListChecks.complaints(query);
    if (!causes.isEmpty()) {
      throw StatusException.invalid("meta.k8s.io", "ListOptions", "", causes);
    }
    return new ListOptions(
        labels,
        query.text("fieldSelector"),
        limit(query),
        query.text("continue"),
        query.text("resourceVersion"),
        query.text("resourceVersionMatch"));
  }

  /** 0 is none, as what is negative is. */
  private static int limit(Query query) {
    return Math.clamp(query.number("limit").orElse(0), 0, Integer.MAX_VALUE);
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
    if (manager.getBytes(StandardCharsets.UTF_8).length > MAX_MANAGER_BYTES) {
      causes.add(Cause.tooLong("fieldManager", MAX_MANAGER_BYTES));
    }
    int position = 0;
    for (int character : manager.codePoints().toArray()) {
      String text = Character.toString(character);
      if (UNPRINTABLE.matcher(text).matches()) {
        String complaint = "invalid character U+%04X (at position %d)";
        causes.add(
            Cause.invalid("fieldManager", manager, complaint.formatted(character, position)));
      }
      position += text.getBytes(StandardCharsets.UTF_8).length;
    }
  }

  /** {@code kubectl} of {@code kubectl/v1.33.0 (linux/amd64)}. */
  private static String program(String userAgent) {
    int slash = userAgent.indexOf('/');
    String first = slash < 0 ? userAgent : userAgent.substring(0, slash);
    String name = UNPRINTABLE.matcher(first).replaceAll("").strip();
    // Headers are of single bytes.
    int end = Math.min(name.length(), MAX_MANAGER_BYTES);
    return name.isEmpty() ? "unknown" : name.substring(0, end);
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
}
