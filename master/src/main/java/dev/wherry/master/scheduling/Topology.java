package dev.wherry.master.scheduling;

/** A place in the cluster: all nodes that have this value of a label. */
record Topology(String key, String value) {}
