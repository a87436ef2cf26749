package dev.wherry.master.access;

import java.util.List;

/** Who makes a request. */
public record Identity(String name, List<String> groups) {
  /** The master's own controllers. */
  public static final Identity MASTER = new Identity("system:apiserver", List.of("system:masters"));

  public Identity {
    groups = List.copyOf(groups);
  }

  /** A controller of the master by its name, such as {@code replicaset-controller}. */
  public static Identity controller(String name) {
    return new Identity("system:serviceaccount:kube-system:" + name, List.of("system:masters"));
  }

  public static Identity node(String nodeName) {
    return new Identity("system:node:" + nodeName, List.of("system:nodes"));
  }
}
