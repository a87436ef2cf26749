package dev.wherry.master.registry;

/** Whether objects of a kind live in a namespace. */
public enum Scope {
  NAMESPACED,
  CLUSTER
}
