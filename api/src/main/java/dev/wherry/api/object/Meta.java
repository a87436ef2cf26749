package dev.wherry.api.object;

import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A view of an object's {@code metadata} (Kubernetes API conventions, Metadata). */
public record Meta(Obj tree) {

  public static Meta of(Obj object) {
    return new Meta(object.obj("metadata"));
  }

  public String namespace() {
    return tree.string("namespace");
  }

  public String name() {
    return tree.string("name");
  }

  public String uid() {
    return tree.string("uid");
  }

  public String resourceVersion() {
    return tree.string("resourceVersion");
  }

  public long generation() {
    return tree.number("generation", 0);
  }

  public Map<String, String> labels() {
    return tree.stringMap("labels");
  }

  public Map<String, String> annotations() {
    return tree.stringMap("annotations");
  }

  public List<String> finalizers() {
    return tree.strings("finalizers");
  }

  public List<OwnerReference> ownerReferences() {
    return tree.objs("ownerReferences").stream().map(OwnerReference::of).toList();
  }

  /** The owner whose {@code controller} is true. */
  public Optional<OwnerReference> controller() {
    return ownerReferences().stream().filter(OwnerReference::controller).findFirst();
  }

  public Optional<Instant> creationTimestamp() {
    return instant("creationTimestamp");
  }

  public Optional<Instant> deletionTimestamp() {
    return instant("deletionTimestamp");
  }

  public boolean isTerminating() {
    return !tree.string("deletionTimestamp").isEmpty();
  }

  private Optional<Instant> instant(String key) {
    return Times.parse(tree.string(key));
  }

  /** Times as Kubernetes writes them: RFC 3339, whole seconds, UTC. */
  public static final class Times {
    private static final DateTimeFormatter MICRO =
        DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    private Times() {}

    public static String format(Instant instant) {
      return instant.truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** With six digits of a second, as MicroTime fields have it. */
    public static String formatMicro(Instant instant) {
      return MICRO.format(instant);
    }

    /** Empty when the text is no RFC 3339 time. */
    public static Optional<Instant> parse(String text) {
      if (text.isEmpty()) {
        return Optional.empty();
      }
      try {
        return Optional.of(OffsetDateTime.parse(text).toInstant());
      } catch (DateTimeParseException e) {
        return Optional.empty();
      }
    }
  }
}
