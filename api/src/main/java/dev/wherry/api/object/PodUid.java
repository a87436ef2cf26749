package dev.wherry.api.object;

/** The {@code metadata.uid} of a pod. */
public record PodUid(String text) {
  @Override
  public String toString() {
    return text;
  }
}
