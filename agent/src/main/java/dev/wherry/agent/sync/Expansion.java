package dev.wherry.agent.sync;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Expands {@code $(NAME)} in commands, arguments and variables, {@code $$} being a dollar. Pure.
 */
final class Expansion {
  private Expansion() {}

  /** A name that is not known stays as it was written. */
  static String expand(String text, Map<String, String> variables) {
    return expand(text, variables, _ -> {});
  }

  /**
   * Expands a part of a path, which no name without a value may be in.
   *
   * @throws ConfigException with those names, in Kubernetes' words
   */
  static String expandPath(String text, Map<String, String> variables) throws ConfigException {
    Set<String> missing = new TreeSet<>();
    String path =
        expand(
            text,
            variables,
            name -> {
              if (variables.getOrDefault(name, "").isEmpty()) {
                missing.add(name);
              }
            });
    if (!missing.isEmpty()) {
      throw new ConfigException("missing value for " + String.join(", ", missing));
    }
    return path;
  }

  private static String expand(String text, Map<String, String> variables, Consumer<String> names) {
    if (text.indexOf('$') < 0) {
      return text;
    }
    StringBuilder out = new StringBuilder(text.length());
    int i = 0;
    while (i < text.length()) {
      char c = text.charAt(i);
      char next = i + 1 < text.length() ? text.charAt(i + 1) : ' ';
      if (c == '$' && next == '$') {
        out.append('$');
        i += 2;
      } else if (c == '$' && next == '(' && text.indexOf(')', i) > 0) {
        int close = text.indexOf(')', i);
        String name = text.substring(i + 2, close);
        names.accept(name);
        String value = variables.get(name);
        out.append(value == null ? text.substring(i, close + 1) : value);
        i = close + 1;
      } else {
        out.append(c);
        i++;
      }
    }
    return out.toString();
  }
}
