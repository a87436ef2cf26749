package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import java.time.Instant;
import java.util.Optional;

/** One entry of a node's {@code spec.taints}. */
public record Taint(Obj tree) {
  public static final String NOT_READY = "node.kubernetes.io/not-ready";
  public static final String UNREACHABLE = "node.kubernetes.io/unreachable";
  public static final String UNSCHEDULABLE = "node.kubernetes.io/unschedulable";
  public static final String OUT_OF_SERVICE = "node.kubernetes.io/out-of-service";
  public static final String NO_SCHEDULE = "NoSchedule";
  public static final String PREFER_NO_SCHEDULE = "PreferNoSchedule";
  public static final String NO_EXECUTE = "NoExecute";

  public static Taint of(String key, String effect) {
    return new Taint(Obj.of("key", key, "effect", effect));
  }

  public static Taint of(String key, String effect, Instant added) {
    return new Taint(Obj.of("key", key, "effect", effect, "timeAdded", Meta.Times.format(added)));
  }

  public String key() {
    return tree.string("key");
  }

  public String value() {
    return tree.string("value");
  }

  public String effect() {
    return tree.string("effect");
  }

  public Optional<Instant> timeAdded() {
    return Meta.Times.parse(tree.string("timeAdded"));
  }

  public boolean isSameAs(Taint other) {
    return key().equals(other.key()) && effect().equals(other.effect());
  }
}
