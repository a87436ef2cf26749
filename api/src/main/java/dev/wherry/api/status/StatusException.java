package dev.wherry.api.status;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The failure of an API request, with what makes a Kubernetes {@code Status} object of it. It
 * crosses every room of the master: the registry and admission throw it, the HTTP layer writes it,
 * controllers look at its {@link #reason()}.
 */
public final class StatusException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;
  private final transient Obj details;
  private final transient Obj metadata;

  private StatusException(Reason reason, String message, Obj details) {
    this(reason, message, details, Obj.EMPTY);
  }

  private StatusException(Reason reason, String message, Obj details, Obj metadata) {
    super(message);
    this.reason = reason;
    this.details = details;
    this.metadata = metadata;
  }

  public static StatusException of(Reason reason, String message) {
    return new StatusException(reason, message, Obj.EMPTY);
  }

  /**
   * A list cannot go on as it began.
   *
   * @param continueToken with which it may go on otherwise
   */
  public static StatusException expiredList(String message, String continueToken) {
    return new StatusException(
        Reason.EXPIRED, message, Obj.EMPTY, Obj.of("continue", continueToken));
  }

  public static StatusException badRequest(String message) {
    return of(Reason.BAD_REQUEST, message);
  }

  public static StatusException notFound(GroupResource resource, String name) {
    return new StatusException(
        Reason.NOT_FOUND, resource + " \"" + name + "\" not found", about(resource, name).build());
  }

  public static StatusException alreadyExists(GroupResource resource, String name) {
    return new StatusException(
        Reason.ALREADY_EXISTS,
        resource + " \"" + name + "\" already exists",
        about(resource, name).build());
  }

  /** The stored object is no longer the one that the request was made from. */
  public static StatusException conflict(GroupResource resource, String name, String message) {
    return new StatusException(
        Reason.CONFLICT,
        "Operation cannot be fulfilled on " + resource + " \"" + name + "\": " + message,
        about(resource, name).build());
  }

  public static StatusException modified(GroupResource resource, String name) {
    return conflict(
        resource,
        name,
        "the object has been modified; please apply your changes to the latest version and try"
            + " again");
  }

  public static StatusException forbidden(GroupResource resource, String name, String message) {
    return forbidden(resource, name, message, List.of());
  }

  /** 403 with causes that programs can tell apart. */
  public static StatusException forbidden(
      GroupResource resource, String name, String message, List<Cause> causes) {
    return new StatusException(
        Reason.FORBIDDEN,
        resource + (name.isEmpty() ? "" : " \"" + name + "\"") + " is forbidden: " + message,
        about(resource, name).putUnlessEmpty("causes", objects(causes)).build());
  }

  /**
   * 422: what is wrong with each field. {@code kind} and {@code group} are the object's, as in
   * {@code Deployment.apps}.
   */
  public static StatusException invalid(
      String group, String kind, String name, List<Cause> causes) {
    String kindName = group.isEmpty() ? kind : kind + "." + group;
    String what = causes.size() == 1 ? causes.getFirst().toString() : causes.toString();
    Obj details =
        Obj.builder()
            .putUnlessEmpty("name", name)
            .putUnlessEmpty("group", group)
            .put("kind", kind)
            .put("causes", objects(causes))
            .build();
    return new StatusException(
        Reason.INVALID, kindName + " \"" + name + "\" is invalid: " + what, details);
  }

  /**
   * 409: a server-side apply sets fields that other managers have set otherwise. A cause's field is
   * the path, its message says with whom the conflict is: {@code conflict with "x" using v1}.
   */
  public static StatusException applyConflict(List<Cause> conflicts) {
    StringBuilder message = new StringBuilder("Apply failed with ").append(conflicts.size());
    if (conflicts.size() == 1) {
      Cause only = conflicts.getFirst();
      message.append(" conflict: ").append(only.message()).append(": ").append(only.field());
    } else {
      Map<String, List<String>> fields = new TreeMap<>();
      for (Cause conflict : conflicts) {
        String with = conflict.message().replaceFirst("^conflict ", "conflicts ");
        fields.computeIfAbsent(with, _ -> new ArrayList<>()).add(conflict.field());
      }
      message.append(" conflicts: ");
      List<String> lines = new ArrayList<>();
      fields.forEach(
          (with, paths) -> {
            lines.add(with + ":");
            paths.forEach(path -> lines.add("- " + path));
          });
      message.append(String.join("\n", lines));
    }
    return new StatusException(
        Reason.CONFLICT, message.toString(), Obj.of("causes", objects(conflicts)));
  }

  /** 504: there is no such revision yet, and it did not come while it was waited for. */
  public static StatusException tooLargeVersion(long wanted, long current) {
    Obj cause =
        Obj.of("reason", "ResourceVersionTooLarge", "message", "Too large resource version");
    return new StatusException(
        Reason.TIMEOUT,
        "Too large resource version: " + wanted + ", current: " + current,
        Obj.of("causes", List.of(cause), "retryAfterSeconds", 1L));
  }

  /**
   * 429: a disruption budget does not bear an eviction now.
   *
   * @param retryAfterSeconds 0 leaves it to the client
   */
  public static StatusException disrupted(String message, String cause, int retryAfterSeconds) {
    Obj why = Obj.of("reason", "DisruptionBudget", "message", cause);
    return new StatusException(
        Reason.TOO_MANY_REQUESTS,
        message,
        Obj.of("causes", List.of(why), "retryAfterSeconds", (long) retryAfterSeconds));
  }

  private static List<Obj> objects(List<Cause> causes) {
    List<Obj> list = new ArrayList<>();
    for (Cause cause : causes) {
      list.add(Obj.of("reason", cause.type(), "message", cause.message(), "field", cause.field()));
    }
    return list;
  }

  private static Obj.Builder about(GroupResource resource, String name) {
    return Obj.builder()
        .putUnlessEmpty("name", name)
        .putUnlessEmpty("group", resource.group())
        .put("kind", resource.resource());
  }

  public Reason reason() {
    return reason;
  }

  /** The {@code details} member, empty where there are none. */
  public Obj details() {
    return details;
  }

  /** The {@code Status} object that a client gets. */
  public Obj toStatus() {
    return Obj.builder()
        .put("kind", "Status")
        .put("apiVersion", "v1")
        .put("metadata", metadata)
        .put("status", "Failure")
        .put("message", String.valueOf(getMessage()))
        .put("reason", reason.text())
        .putUnlessEmpty("details", details)
        .put("code", reason.code())
        .build();
  }
}
