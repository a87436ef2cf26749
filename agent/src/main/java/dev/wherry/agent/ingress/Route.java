package dev.wherry.agent.ingress;

import java.util.Optional;

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
    Optional<PathExpression> expression,
    Optional<ServicePortRef> backend,
    RouteOptions options) {

  /** How a path is compared, the one that goes first at the same length first. */
  enum PathType {
    EXACT,
    PREFIX,
    EXPRESSION
  }

  /**
   * @throws IllegalArgumentException when the path is to be an expression and is none
   */
  static Route of(
      String type, String path, Optional<ServicePortRef> backend, RouteOptions options) {
    if (options.regex() && !type.equals("Exact")) {
      Optional<PathExpression> expression = Optional.of(PathExpression.parse(path));
      return new Route(PathType.EXPRESSION, path, expression, backend, options);
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
      case EXPRESSION -> expression.orElseThrow().matches(asked);
    };
  }

  /** The path and query as the backend is to see them. */
  String rewrite(String asked, String query) {
    String target = options.rewriteTarget();
    if (target.isEmpty()) {
      return asked + query;
    }
    return expression.map(each -> each.rewrite(asked, target)).orElse(target) + query;
  }
}
