package dev.wherry.agent.ingress;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One path of one Ingress. Immutable.
 *
 * @param path without a slash at its end, for a prefix
 * @param expression the path as an expression; empty for the other types
 * @param backend empty: it names no service, which this controller cannot lead to
 */
record Route(
    PathType type,
    String path,
    Optional<Pattern> expression,
    Optional<ServicePortRef> backend,
    RouteOptions options) {

  /** How a path is compared, the one that goes first at the same length first. */
  enum PathType {
    EXACT,
    PREFIX,
    EXPRESSION
  }

  static Route of(
      String type, String path, Optional<ServicePortRef> backend, RouteOptions options) {
    if (options.regex() && !type.equals("Exact")) {
      Pattern expression = Pattern.compile("^" + path, Pattern.CASE_INSENSITIVE);
      return new Route(PathType.EXPRESSION, path, Optional.of(expression), backend, options);
    }
    if (type.equals("Exact")) {
      return new Route(PathType.EXACT, path, Optional.empty(), backend, options);
    }
    String prefix = path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    return new Route(PathType.PREFIX, prefix, Optional.empty(), backend, options);
  }

  /** Whether a request for this path, without its query, is meant. */
  boolean matches(String asked) {
    return switch (type) {
      case EXACT -> asked.equals(path);
      case PREFIX ->
          asked.startsWith(path)
              && (asked.length() == path.length() || asked.charAt(path.length()) == '/');
      case EXPRESSION -> expression.orElseThrow().matcher(asked).find();
    };
  }

  /** The path and query as the backend is to see them. */
  String rewrite(String asked, String query) {
    String target = options.rewriteTarget();
    if (target.isEmpty()) {
      return asked + query;
    }
    if (expression.isEmpty()) {
      return target + query;
    }
    Matcher matcher = expression.get().matcher(asked);
    if (!matcher.find()) {
      return asked + query;
    }
    StringBuilder rewritten = new StringBuilder();
    for (int i = 0; i < target.length(); i++) {
      char c = target.charAt(i);
      boolean group =
          c == '$' && i + 1 < target.length() && Character.isDigit(target.charAt(i + 1));
      if (group) {
        int number = target.charAt(++i) - '0';
        String text = number <= matcher.groupCount() ? matcher.group(number) : "";
        rewritten.append(text == null ? "" : text);
      } else {
        rewritten.append(c);
      }
    }
    return (rewritten.isEmpty() || rewritten.charAt(0) != '/' ? "/" : "") + rewritten + query;
  }
}
