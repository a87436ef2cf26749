package dev.wherry.master.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The paths by which old clients watch: {@code /api/v1/watch/pods} is {@code
 * /api/v1/pods?watch=true} (Kubernetes API reference, deprecated watch operations). Pure.
 */
final class WatchPath {
  private static final String MARK = "/watch/";
  private static final Pattern OLD =
      Pattern.compile("(/api/[^/?]+|/apis/[^/?]+/[^/?]+)/watch(/[^?]+)(?:\\?(.*))?");

  private WatchPath() {}

  /**
   * The target as it is written today; any other target as it is.
   *
   * @param target path and query as a client wrote them
   */
  static String modern(String target) {
    if (!target.contains(MARK)) {
      return target;
    }
    Matcher old = OLD.matcher(target);
    return old.matches() && Route.of(old.group(1) + old.group(2)) instanceof Route.Objects objects
        ? watched(objects, old)
        : target;
  }

  private static String watched(Route.Objects objects, Matcher old) {
    if (!objects.subresource().isEmpty()) {
      return old.group();
    }
    String path = old.group(1) + old.group(2);
    String query = old.group(3) == null ? "" : "&" + old.group(3);
    if (objects.isCollection()) {
      return path + "?watch=true" + query;
    }
    String name = objects.key().name();
    String collection = path.substring(0, path.lastIndexOf("/" + name));
    return collection + "?watch=true&fieldSelector=metadata.name%3D" + name + query;
  }
}
