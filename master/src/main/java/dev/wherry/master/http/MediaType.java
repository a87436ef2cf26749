package dev.wherry.master.http;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;

/** A media type with its parameters (RFC 9110, 8.3.1); the type is in lower case. Immutable. */
record MediaType(String type, Map<String, String> parameters) {
  private static final Pattern QUALITY = Pattern.compile("0(\\.\\d{0,3})?|1(\\.0{0,3})?");

  /**
   * The choices of an Accept header, the best first; those of one quality in the header's order.
   */
  static List<MediaType> list(String header) {
    List<MediaType> list = new ArrayList<>();
    for (String choice : header.split(",", -1)) {
      list.add(parse(choice));
    }
    list.sort(Comparator.comparingDouble(MediaType::quality).reversed());
    return list;
  }

  /** From 0, not at all, to 1, which is meant where none or nonsense is said. */
  double quality() {
    String text = parameter("q");
    if (!QUALITY.matcher(text).matches()) {
      return 1;
    }
    return Double.parseDouble(text);
  }

  static MediaType parse(String text) {
    String[] parts = text.split(";", -1);
    Map<String, String> parameters = new LinkedHashMap<>();
    for (int i = 1; i < parts.length; i++) {
      int equals = parts[i].indexOf('=');
      if (equals > 0) {
        parameters.put(
            parts[i].substring(0, equals).strip(), parts[i].substring(equals + 1).strip());
      }
    }
    return new MediaType(parts[0].strip().toLowerCase(Locale.ROOT), parameters);
  }

  /** The parameter's value, or the empty string. */
  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }
}
