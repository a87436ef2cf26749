package dev.wherry.agent.services;

import dev.wherry.agent.nft.Nft;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Adds up what the table's elements have counted, by service. Counters in the kernel begin anew
 * with their element and with the table; here they only grow. What an element counted between the
 * last look and its end is lost. Thread-safe.
 */
final class KernelCounters {
  private static final Pattern ELEMENT =
      Pattern.compile("([0-9a-z. ]+?) counter packets (\\d+) bytes (\\d+)");

  private record Read(long packets, long bytes) {}

  private final String table;
  private final Nft nft;
  private final Map<ServiceRules.Element, ObjectKey> owners = new ConcurrentHashMap<>();
  private final Map<ServiceRules.Element, Read> last = new ConcurrentHashMap<>();
  // Guarded by this.
  private final Map<ObjectKey, ServiceCount> counts = new HashMap<>();

  KernelCounters(String table, Nft nft) {
    this.table = table;
    this.nft = nft;
  }

  /** Takes note of what a service has in the table; it had something else before. */
  void own(ObjectKey service, ServiceRules before, ServiceRules now) {
    for (ServiceRules.Element each : before.elements().keySet()) {
      if (!now.elements().containsKey(each) && owners.remove(each, service)) {
        last.remove(each); // where it comes again, it counts from nothing
      }
    }
    now.elements()
        .keySet()
        .forEach(
            each -> {
              if (each.set().equals(Ruleset.OPENED)
                  || each.set().equals(Ruleset.OPENED_PORTS)
                  || each.set().endsWith(Ruleset.CARRIED)
                  || each.set().endsWith(Ruleset.CARRIED_PORTS)) {
                owners.put(each, service);
              }
            });
  }

  /** The table is a new one: all in it counts from nothing. */
  void beginAnew() {
    last.clear();
  }

  /** Looks now. */
  synchronized Map<ObjectKey, ServiceCount> read() throws IOException, InterruptedException {
    if (!owners.isEmpty()) {
      for (String set : List.of(Ruleset.OPENED, Ruleset.OPENED_PORTS)) {
        look(set, (packets, _) -> new ServiceCount(packets, 0));
      }
      for (String protocol : BaseRules.PROTOCOLS) {
        look(protocol + Ruleset.CARRIED, (_, bytes) -> new ServiceCount(0, bytes));
        look(protocol + Ruleset.CARRIED_PORTS, (_, bytes) -> new ServiceCount(0, bytes));
      }
      last.keySet().retainAll(owners.keySet());
    }
    return Map.copyOf(counts);
  }

  private interface Meaning {
    ServiceCount of(long packets, long bytes);
  }

  private void look(String set, Meaning meaning) throws IOException, InterruptedException {
    parse(nft.elements(table, set))
        .forEach(
            (key, now) -> {
              ServiceRules.Element element = new ServiceRules.Element(set, key);
              ObjectKey service = owners.get(element);
              if (service == null) {
                return;
              }
              Read before = last.getOrDefault(element, new Read(0, 0));
              boolean anew = now.packets() < before.packets();
              ServiceCount more =
                  meaning.of(
                      now.packets() - (anew ? 0 : before.packets()),
                      now.bytes() - (anew ? 0 : before.bytes()));
              last.put(element, now);
              if (!more.equals(ServiceCount.NONE)) {
                counts.merge(service, more, ServiceCount::plus);
              }
            });
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
