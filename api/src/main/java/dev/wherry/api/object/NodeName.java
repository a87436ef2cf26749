package dev.wherry.api.object;

import org.jspecify.annotations.Nullable;

/** The name of a node, a DNS subdomain. */
public record NodeName(String text) {
  // Written out, as in ObjectKey.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof NodeName name && text.equals(name.text);
  }

  @Override
  public int hashCode() {
    return text.hashCode();
  }

  @Override
  public String toString() {
    return text;
  }
}
