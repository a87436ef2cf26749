package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;

/** One entry of a container's {@code ports}. */
public record ContainerPort(Obj tree) {
  public String name() {
    return tree.string("name");
  }

  public int containerPort() {
    return (int) tree.number("containerPort", 0);
  }

  /** 0: none. */
  public int hostPort() {
    return (int) tree.number("hostPort", 0);
  }

  /** Empty: every address of the host. */
  public String hostIp() {
    return tree.string("hostIP");
  }

  /** {@code TCP}, {@code UDP} or {@code SCTP}. */
  public String protocol() {
    return tree.string("protocol", "TCP");
  }
}
