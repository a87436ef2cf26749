package dev.wherry.master.controllers.endpoints;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How many of a service's endpoints each zone is to have, by its share of the cluster's processors
 * (Kubernetes: Topology Aware Routing). Pure.
 */
final class ZoneShares {
  /** What becomes of endpoints: for which zone each is, or why no division is safe. */
  sealed interface Division {
    /**
     * @param zones in the order of the endpoints
     */
    record Divided(List<String> zones) implements Division {}

    /**
     * @param reason as Kubernetes words it in the service's events
     */
    record Refused(String reason) implements Division {}
  }

  /** How far past its share an endpoint may be asked, for its zone has too few of them. */
  private static final double OVERLOAD = 0.2;

  private final int endpoints;
  private final Map<String, Double> desired = new TreeMap<>();
  private final Map<String, Integer> counts = new TreeMap<>();

  private ZoneShares(List<String> zones, Map<String, Long> cpuMillis) {
    this.endpoints = zones.size();
    double all = cpuMillis.values().stream().mapToLong(Long::longValue).sum();
    cpuMillis.forEach((zone, millis) -> desired.put(zone, endpoints * millis / all));
    desired.keySet().forEach(zone -> counts.put(zone, 0));
    zones.forEach(zone -> counts.computeIfPresent(zone, (_, count) -> count + 1));
  }

  /**
   * For whom each endpoint is: mostly its own zone, and where a zone has fewer than it needs, it is
   * given some of those that have most to spare, the last first.
   *
   * @param zones where the endpoints are that take traffic; empty text: nobody knows
   * @param cpuMillis of each zone; empty: not known
   */
  static Division divide(List<String> zones, Map<String, Long> cpuMillis) {
    if (cpuMillis.isEmpty()) {
      return new Division.Refused(
          "Insufficient Node information: allocatable CPU or zone not specified on one or more"
              + " nodes");
    }
    if (cpuMillis.size() < 2) {
      return new Division.Refused("Nodes only ready in one zone");
    }
    String counts = " (%d endpoints, %d zones)".formatted(zones.size(), cpuMillis.size());
    if (zones.size() < cpuMillis.size()) {
      return new Division.Refused("Insufficient number of endpoints" + counts);
    }
    if (zones.contains("")) {
      return new Division.Refused("One or more endpoints do not have a zone specified");
    }
    return new ZoneShares(zones, cpuMillis)
        .divided(zones)
        .<Division>map(Division.Divided::new)
        .orElseGet(
            () ->
                new Division.Refused(
                    "Unable to allocate minimum required endpoints to each zone without exceeding"
                        + " overload threshold"
                        + counts));
  }

  /** Empty where an endpoint would be asked too much. */
  private Optional<List<String>> divided(List<String> zones) {
    List<String> divided = new ArrayList<>(zones);
    for (String zone : desired.keySet()) {
      while (count(zone) < least(zone)) {
        Optional<String> giver = giver();
        if (giver.isEmpty()) {
          return Optional.empty();
        }
        divided.set(divided.lastIndexOf(giver.get()), zone);
        counts.merge(giver.get(), -1, Integer::sum);
        counts.merge(zone, 1, Integer::sum);
      }
    }
    return Optional.of(divided);
  }

  private Optional<String> giver() {
    return counts.keySet().stream()
        .filter(zone -> count(zone) > least(zone))
        .max(Comparator.comparingDouble(zone -> count(zone) - wanted(zone)));
  }

  private int count(String zone) {
    return counts.getOrDefault(zone, 0);
  }

  private double wanted(String zone) {
    return desired.getOrDefault(zone, 0.0);
  }

  private int least(String zone) {
    return (int) Math.ceil(wanted(zone) / (1 + OVERLOAD));
  }
}
