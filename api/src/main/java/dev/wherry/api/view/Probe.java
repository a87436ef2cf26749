package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.OptionalLong;

/** A liveness, readiness or startup probe, with Kubernetes' defaults where a member lacks. */
public record Probe(Obj tree) {
  public Handler handler() {
    return Handler.of(tree);
  }

  public Duration initialDelay() {
    return Duration.ofSeconds(tree.number("initialDelaySeconds", 0));
  }

  public Duration period() {
    return Duration.ofSeconds(positive("periodSeconds", 10));
  }

  public Duration timeout() {
    return Duration.ofSeconds(positive("timeoutSeconds", 1));
  }

  public int successThreshold() {
    return (int) positive("successThreshold", 1);
  }

  public int failureThreshold() {
    return (int) positive("failureThreshold", 3);
  }

  /** Overrides the pod's. */
  public OptionalLong terminationGracePeriodSeconds() {
    return Fields.number(tree, "terminationGracePeriodSeconds");
  }

  private long positive(String key, long fallback) {
    long value = tree.number(key, fallback);
    return value > 0 ? value : fallback;
  }
}
