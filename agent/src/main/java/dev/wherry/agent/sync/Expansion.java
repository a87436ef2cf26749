package dev.wherry.agent.sync;

import java.util.Map;

/**
 * Expands {@code $(NAME)} in commands, arguments and variables, {@code $$} being a dollar. Pure.
 */
final class Expansion {
  private Expansion() {}

  /** A name that is not known stays as it was written. */
  static String expand(String text, Map<String, String> variables) {
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
