package dev.wherry.master.access;

import java.util.HashMap;
import java.util.Map;

/** What a field selector says by {@code =}. Pure. */
final class EqualFields {
  private EqualFields() {}

  /** Each field with its value; a text that is no selector says what can be read of it. */
  static Map<String, String> of(String selector) {
    if (selector.isEmpty()) {
      return Map.of();
    }
    Map<String, String> fields = new HashMap<>();
    for (String term : selector.split("(?<!\\\\),", -1)) {
      int equals = term.indexOf('=');
      if (equals > 0 && term.charAt(equals - 1) != '!') {
        String value = term.substring(equals + 1).replaceFirst("^=", "");
        fields.put(term.substring(0, equals).strip(), value.replaceAll("\\\\(.)", "$1"));
      }
    }
    return fields;
  }
}
