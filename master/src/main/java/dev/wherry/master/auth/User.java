package dev.wherry.master.auth;

import java.util.List;
import java.util.Map;

/**
 * Whom a credential names.
 *
 * @param uid may be empty
 * @param extra what else is known, by keys such as {@code authentication.kubernetes.io/pod-name}
 */
public record User(String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  public User {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }
}
