package dev.wherry.agent.services;

import dev.wherry.agent.host.Command;
import dev.wherry.api.address.IpFamily;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's memory of connections. A UDP client that keeps its port would reach a backend that
 * is gone for as long as it keeps sending. TCP needs nothing: its connections end with the backend.
 */
final class Conntrack {
  private static final Logger LOG = LoggerFactory.getLogger(Conntrack.class);

  /** Flows that one change may ask about one by one; past it all UDP flows are forgotten. */
  static final int MAX_SINGLE = 64;

  /** What the program says when it found nothing to delete; it exits with 1 then. */
  private static final String NOTHING = "0 flow entries";

  private final IpFamily family;

  Conntrack(IpFamily family) {
    this.family = family;
  }

  /** Forgets flows; clients' next packets are looked at anew. */
  void forget(SortedSet<UdpFlow> flows) throws InterruptedException {
    if (flows.size() > MAX_SINGLE) {
      run(argv("-D"));
      return;
    }
    for (UdpFlow flow : flows) {
      run(argv(flow));
    }
  }

  /** Forgets flows that lead elsewhere than the services do now, whoever made them. */
  void sweep(SortedSet<UdpFlow> valid) throws InterruptedException {
    if (valid.isEmpty()) {
      return;
    }
    try {
      forget(stale(new Command(argv("-L")).run(), valid));
    } catch (IOException e) {
      LOG.warn("stale UDP flows may remain: {}", e.getMessage());
    }
  }

  /**
   * Which of the flows in a listing of {@code conntrack -L} go to a service's address and port, but
   * to none of its backends. A line has the way out first and the way back second.
   */
  static SortedSet<UdpFlow> stale(String listing, SortedSet<UdpFlow> valid) {
    Set<String> fronts = new HashSet<>();
    valid.forEach(flow -> fronts.add(flow.address() + ":" + flow.port()));
    SortedSet<UdpFlow> stale = new TreeSet<>();
    for (String line : listing.lines().toList()) {
      List<String> sources = values(line, "src");
      List<String> destinations = values(line, "dst");
      List<String> ports = values(line, "dport");
      if (sources.size() != 2 || destinations.isEmpty() || ports.isEmpty()) {
        continue;
      }
      String backend = sources.get(1);
      for (String address : new String[] {destinations.getFirst(), ""}) {
        UdpFlow flow = new UdpFlow(address, Integer.parseInt(ports.getFirst()), backend);
        boolean translated = !backend.equals(destinations.getFirst());
        if (translated && fronts.contains(address + ":" + flow.port()) && !valid.contains(flow)) {
          stale.add(flow);
        }
      }
    }
    return stale;
  }

  private static List<String> values(String line, String key) {
    List<String> values = new ArrayList<>();
    for (String word : line.split(" ")) {
      if (word.startsWith(key + "=")) {
        values.add(word.substring(key.length() + 1));
      }
    }
    return values;
  }

  private List<String> argv(String verb) {
    String name = family == IpFamily.IPV4 ? "ipv4" : "ipv6";
    return List.of("conntrack", verb, "-f", name, "-p", "udp");
  }

  List<String> argv(UdpFlow flow) {
    List<String> argv = new ArrayList<>(argv("-D"));
    if (!flow.address().isEmpty()) {
      argv.addAll(List.of("--orig-dst", flow.address()));
    }
    argv.addAll(List.of("--orig-port-dst", String.valueOf(flow.port())));
    if (!flow.backend().isEmpty()) {
      argv.addAll(List.of("--dst-nat", flow.backend()));
    }
    return argv;
  }

  private static void run(List<String> argv) throws InterruptedException {
    try {
      new Command(argv).run();
    } catch (Command.FailedException e) {
      if (!e.output().contains(NOTHING)) {
        LOG.warn("stale UDP flows may remain: {}", e.getMessage());
      }
    } catch (IOException e) {
      LOG.warn("stale UDP flows may remain: {}", e.getMessage());
    }
  }
}
