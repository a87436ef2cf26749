package dev.wherry.agent.network;

/** Who balances services on a node. */
public enum ProxyMode {
  /** The kernel where it has nftables, else this process. */
  AUTO,
  /** The kernel, by nftables. */
  NFTABLES,
  /** This process, by relaying. */
  USERSPACE
}
