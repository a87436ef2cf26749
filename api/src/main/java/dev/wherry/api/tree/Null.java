package dev.wherry.api.tree;

/** The JSON literal {@code null}, as a value of a tree. */
public enum Null {
  NULL;

  @Override
  public String toString() {
    return "null";
  }
}
