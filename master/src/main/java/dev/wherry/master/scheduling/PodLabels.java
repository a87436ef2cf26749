package dev.wherry.master.scheduling;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The namespace and labels of a pod, by which other pods select it. Pods of one template are equal
 * in this, so that a selector is asked once for all of them; the hash is kept. Immutable.
 */
public final class PodLabels {
  private final String namespace;
  private final Map<String, String> labels;
  private final int hash;

  public PodLabels(String namespace, Map<String, String> labels) {
    this.namespace = namespace;
    this.labels = Map.copyOf(labels);
    this.hash = 31 * namespace.hashCode() + this.labels.hashCode();
  }

  public String namespace() {
    return namespace;
  }

  public Map<String, String> labels() {
    return labels;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return this == other
        || other instanceof PodLabels that
            && hash == that.hash
            && namespace.equals(that.namespace)
            && labels.equals(that.labels);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public String toString() {
    return namespace + labels;
  }
}
