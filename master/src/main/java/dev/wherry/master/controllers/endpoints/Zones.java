package dev.wherry.master.controllers.endpoints;

import java.util.Map;

/** Where nodes are, and how much of the cluster each zone is. Thread-safe. */
interface Zones {
  /** For a cluster without any. */
  Zones NONE =
      new Zones() {
        @Override
        public String of(String node) {
          return "";
        }

        @Override
        public Map<String, Long> cpuMillis() {
          return Map.of();
        }
      };

  /** The zone of a node; empty where it has none. */
  String of(String node);

  /**
   * Allocatable processor time of each zone's ready nodes that are no control plane. Empty where
   * one of them has no zone or tells of no processors: shares would be guesses.
   */
  Map<String, Long> cpuMillis();
}
