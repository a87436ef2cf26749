package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One entry of {@code status.conditions} of any kind. */
public record Condition(Obj tree) {
  public static final String TRUE = "True";
  public static final String FALSE = "False";
  public static final String UNKNOWN = "Unknown";

  /** A condition that changed just now. */
  public static Condition of(
      String type, String status, String reason, String message, Instant transition) {
    return new Condition(
        Obj.builder()
            .put("type", type)
            .put("status", status)
            .put("lastTransitionTime", Meta.Times.format(transition))
            .putUnlessEmpty("reason", reason)
            .putUnlessEmpty("message", message)
            .build());
  }

  /** The condition of this type in an object's {@code status.conditions}. */
  public static Optional<Condition> find(Obj object, String type) {
    for (Obj each : object.obj("status").objs("conditions")) {
      if (each.string("type").equals(type)) {
        return Optional.of(new Condition(each));
      }
    }
    return Optional.empty();
  }

  /** Whether the object has this condition with status True. */
  public static boolean isTrue(Obj object, String type) {
    return find(object, type).filter(Condition::isTrue).isPresent();
  }

  /**
   * The list with this condition in the place of the one of its type, or last. While the status
   * stays the same the old {@code lastTransitionTime} is kept.
   */
  public static List<Obj> set(List<Obj> conditions, Condition condition) {
    List<Obj> changed = new ArrayList<>(conditions);
    for (int i = 0; i < changed.size(); i++) {
      Condition old = new Condition(changed.get(i));
      if (old.type().equals(condition.type())) {
        boolean same = old.status().equals(condition.status());
        changed.set(i, same ? condition.since(old).tree : condition.tree);
        return List.copyOf(changed);
      }
    }
    changed.add(condition.tree);
    return List.copyOf(changed);
  }

  private Condition since(Condition old) {
    String time = old.tree.string("lastTransitionTime");
    return time.isEmpty() ? this : new Condition(tree.with("lastTransitionTime", time));
  }

  public String type() {
    return tree.string("type");
  }

  /** {@code True}, {@code False} or {@code Unknown}. */
  public String status() {
    return tree.string("status");
  }

  public boolean isTrue() {
    return status().equals(TRUE);
  }

  public String reason() {
    return tree.string("reason");
  }

  public String message() {
    return tree.string("message");
  }

  public Optional<Instant> lastTransitionTime() {
    return Meta.Times.parse(tree.string("lastTransitionTime"));
  }

  /** Deployments' conditions have it. */
  public Optional<Instant> lastUpdateTime() {
    return Meta.Times.parse(tree.string("lastUpdateTime"));
  }
}
