package dev.wherry.master.access;

import dev.wherry.master.auth.AccountNames;
import dev.wherry.master.auth.User;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Who makes a request.
 *
 * @param uid of the user; mostly empty
 * @param extra what else is known of the user
 */
public record Identity(
    String name, String uid, List<String> groups, Map<String, List<String>> extra) {
  /** The master's own controllers. */
  public static final Identity MASTER =
      new Identity("system:apiserver", List.of(AccountNames.MASTERS));

  private static final String SCHEDULER = "system:kube-scheduler";

  /** Who comes without any proof. */
  public static final Identity ANONYMOUS =
      new Identity(AccountNames.ANONYMOUS, List.of(AccountNames.UNAUTHENTICATED));

  public Identity {
    groups = List.copyOf(groups);
    extra = Map.copyOf(extra);
  }

  public Identity(String name, List<String> groups) {
    this(name, "", groups, Map.of());
  }

  /** A controller of the master by its name, such as {@code replicaset-controller}. */
  public static Identity controller(String name) {
    List<String> groups = new ArrayList<>(AccountNames.groups("kube-system"));
    groups.add(AccountNames.AUTHENTICATED);
    groups.add(AccountNames.MASTERS);
    return new Identity("system:serviceaccount:kube-system:" + name, groups);
  }

  public static Identity scheduler() {
    return new Identity(SCHEDULER, List.of(AccountNames.MASTERS));
  }

  public static Identity node(String nodeName) {
    return new Identity("system:node:" + nodeName, List.of(AccountNames.NODES));
  }

  /**
   * As whom managedFields know the writes of one who names no manager: the part of Kubernetes that
   * writes the same.
   */
  String fieldManager() {
    if (equals(MASTER)) {
      return "kube-apiserver";
    }
    if (name.equals(SCHEDULER)) {
      return "kube-scheduler";
    }
    return groups.contains(AccountNames.NODES) ? "kubelet" : "kube-controller-manager";
  }

  static Identity of(User user) {
    return new Identity(user.name(), user.uid(), user.groups(), user.extra());
  }

  public User user() {
    return new User(name, uid, groups, extra);
  }
}
