package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The query parameters of a request, and what they mean. Immutable. */
record Query(Map<String, List<String>> parameters) {

  static Query of(QueryStringDecoder uri) {
    return new Query(uri.parameters());
  }

  /** The first value, or the empty string. */
  String text(String name) {
    List<String> values = parameters.get(name);
    return values == null || values.isEmpty() ? "" : values.getFirst();
  }

  List<String> all(String name) {
    return parameters.getOrDefault(name, List.of());
  }

  /**
   * Whether the parameter is there and says neither {@code false} nor {@code 0}: one without a
   * value is true, as Kubernetes has it.
   */
  boolean flag(String name) {
    String text = text(name);
    return has(name) && !text.equals("0") && !text.equalsIgnoreCase("false");
  }

  boolean has(String name) {
    return parameters.containsKey(name);
  }

  /**
   * The number, where it is given.
   *
   * @throws StatusException BAD_REQUEST when it is none
   */
  OptionalLong number(String name) {
    String text = text(name);
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    try {
      return OptionalLong.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw StatusException.badRequest(
          "invalid value of the query parameter \"" + name + "\": \"" + text + "\"");
    }
  }
}
