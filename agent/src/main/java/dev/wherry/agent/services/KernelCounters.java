package dev.wherry.agent.services;

import dev.wherry.agent.nft.Nft;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adds up what packets have counted in the table, by service. Counters in the kernel begin anew
 * with the table and after an hour of silence; here they grow for as long as there is the service.
 * What is counted between the last look and the end of the table is lost. Thread-safe.
 */
final class KernelCounters {
  private static final Pattern ELEMENT =
      Pattern.compile("([0-9a-z:. ]+?) counter packets (\\d+) bytes (\\d+)");

  private static final String SEPARATOR = " . ";

  private record Read(long packets, long bytes) {
    Read since(Read before) {
      boolean anew = packets < before.packets;
      return anew ? this : new Read(packets - before.packets, bytes - before.bytes);
    }
  }

  private static final Read NOTHING = new Read(0, 0);

  private final String table;
  private final Nft nft;
  private final Map<String, ObjectKey> owners = new ConcurrentHashMap<>();
  // Guarded by this.
  private final Map<String, Map<String, Read>> last = new HashMap<>();
  private final Map<ObjectKey, ServiceCount> counts = new HashMap<>();

  KernelCounters(String table, Nft nft) {
    this.table = table;
    this.nft = nft;
  }

  /**
   * Takes note of where clients of a service come in; they came in elsewhere before. One that has
   * nothing in the table is none any more.
   */
  void own(ObjectKey service, ServiceRules before, ServiceRules now) {
    Set<String> kept = now.fronts();
    for (String front : before.fronts()) {
      if (!kept.contains(front)) {
        owners.remove(front, service);
      }
    }
    for (String front : kept) {
      owners.put(front, service);
    }
    if (now.elements().isEmpty()) {
      forget(service);
    }
  }

  private synchronized void forget(ObjectKey service) {
    counts.remove(service);
  }

  /** The table is a new one: all in it counts from nothing. */
  synchronized void beginAnew() {
    last.clear();
  }

  /** Looks now. */
  synchronized Map<ObjectKey, ServiceCount> read() throws IOException, InterruptedException {
    if (!owners.isEmpty()) {
      look(Ruleset.OPENED, more -> new ServiceCount(more.packets(), 0));
      look(Ruleset.CARRIED, more -> new ServiceCount(0, more.bytes()));
    }
    return Map.copyOf(counts);
  }

  private interface Meaning {
    ServiceCount of(Read more);
  }

  private void look(String set, Meaning meaning) throws IOException, InterruptedException {
    Map<String, Read> before = last.getOrDefault(set, Map.of());
    Map<String, Read> now = parse(nft.elements("ip " + table, set));
    last.put(set, now);
    now.forEach(
        (front, read) -> {
          ServiceCount more = meaning.of(read.since(before.getOrDefault(front, NOTHING)));
          if (!more.equals(ServiceCount.NONE)) {
            owner(front).ifPresent(service -> counts.merge(service, more, ServiceCount::plus));
          }
        });
  }

  /** Whose an address is, else whose the port is on every address of the node. */
  private Optional<ObjectKey> owner(String front) {
    ObjectKey byAddress = owners.get(front);
    return byAddress != null
        ? Optional.of(byAddress)
        : Optional.ofNullable(
            owners.get(front.substring(front.indexOf(SEPARATOR) + SEPARATOR.length())));
  }

  private static Map<String, Read> parse(String listing) {
    Map<String, Read> elements = new HashMap<>();
    Matcher matcher = ELEMENT.matcher(listing);
    while (matcher.find()) {
      elements.put(
          matcher.group(1).strip(),
          new Read(Long.parseLong(matcher.group(2)), Long.parseLong(matcher.group(3))));
    }
    return elements;
  }
}
