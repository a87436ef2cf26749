package dev.wherry.master.auth;

import dev.wherry.api.object.ObjectKey;
import java.util.List;
import java.util.Optional;

/** How service accounts and nodes are named as users (Kubernetes, Authenticating). Pure. */
public final class AccountNames {
  public static final String AUTHENTICATED = "system:authenticated";
  public static final String UNAUTHENTICATED = "system:unauthenticated";
  public static final String ANONYMOUS = "system:anonymous";
  public static final String MASTERS = "system:masters";
  public static final String NODES = "system:nodes";

  /** Before the id of a bootstrap token: the user that it is. */
  static final String BOOTSTRAP = "system:bootstrap:";

  private static final String ACCOUNT = "system:serviceaccount:";
  private static final String ACCOUNTS = "system:serviceaccounts";
  private static final String NODE = "system:node:";

  private AccountNames() {}

  public static String user(ObjectKey account) {
    return ACCOUNT + account.namespace() + ":" + account.name();
  }

  /** The groups that every account of the namespace is in. */
  public static List<String> groups(String namespace) {
    return List.of(ACCOUNTS, ACCOUNTS + ":" + namespace);
  }

  /** The service account that this user is. */
  public static Optional<ObjectKey> account(String user) {
    if (!user.startsWith(ACCOUNT)) {
      return Optional.empty();
    }
    String[] parts = user.substring(ACCOUNT.length()).split(":", -1);
    return parts.length == 2 && !parts[0].isEmpty() && !parts[1].isEmpty()
        ? Optional.of(new ObjectKey(parts[0], parts[1]))
        : Optional.empty();
  }

  static boolean isOf(String user, String namespace, String name) {
    return user.length() == ACCOUNT.length() + namespace.length() + 1 + name.length()
        && user.startsWith(ACCOUNT)
        && user.startsWith(namespace, ACCOUNT.length())
        && user.charAt(ACCOUNT.length() + namespace.length()) == ':'
        && user.endsWith(name);
  }

  /** The name of the node that this user is. */
  public static Optional<String> node(String user, List<String> groups) {
    return groups.contains(NODES) && user.startsWith(NODE) && user.length() > NODE.length()
        ? Optional.of(user.substring(NODE.length()))
        : Optional.empty();
  }
}
