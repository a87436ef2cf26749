package dev.wherry.schemagenerator;

import java.util.List;

/**
 * One message of the API.
 *
 * @param name in full, such as {@code k8s.io.api.core.v1.Pod}
 * @param comment the lines of its description with their markers; empty where there is none
 */
record Message(String name, List<String> comment, List<Declaration> fields) {
  /** The name behind the last dot. */
  String simpleName() {
    return name.substring(name.lastIndexOf('.') + 1);
  }

  /** The name before the last dot. */
  String packageName() {
    return name.substring(0, name.lastIndexOf('.'));
  }
}
