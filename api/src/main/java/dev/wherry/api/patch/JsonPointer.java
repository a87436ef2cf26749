package dev.wherry.api.patch;

import java.util.ArrayList;
import java.util.List;

/**
 * A JSON pointer (RFC 6901).
 *
 * @param text as it came
 * @param steps unescaped; none points at the whole document
 */
record JsonPointer(String text, List<String> steps) {

  /**
   * Parses a pointer.
   *
   * @throws PatchFailure when it is neither empty nor starts with a slash
   */
  static JsonPointer parse(String text) {
    if (text.isEmpty()) {
      return new JsonPointer(text, List.of());
    }
    if (text.charAt(0) != '/') {
      throw new PatchFailure("invalid pointer, it must start with a slash: " + text);
    }
    List<String> steps = new ArrayList<>();
    for (String step : text.substring(1).split("/", -1)) {
      steps.add(step.replace("~1", "/").replace("~0", "~"));
    }
    return new JsonPointer(text, List.copyOf(steps));
  }

  boolean isRoot() {
    return steps.isEmpty();
  }

  /** Whether this points at the other's value or at something that contains it. */
  boolean contains(JsonPointer other) {
    return other.steps.size() >= steps.size() && other.steps.subList(0, steps.size()).equals(steps);
  }

  @Override
  public String toString() {
    return text;
  }
}
