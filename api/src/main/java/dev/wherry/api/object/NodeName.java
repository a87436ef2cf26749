package dev.wherry.api.object;

/** The name of a node, a DNS subdomain. */
public record NodeName(String text) {
  @Override
  public String toString() {
    return text;
  }
}
