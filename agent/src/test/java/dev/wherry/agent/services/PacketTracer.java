package dev.wherry.agent.services;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Sends a connection's first packet through a table's chains, in the kernel's order of hooks, and
 * says what becomes of it. Knows the words that our rules use and no other.
 */
final class PacketTracer {
  /** What becomes of a packet. */
  sealed interface Fate {
    /** It leaves for this address, {@code "10.42.0.5:80"}, with its own source or the node's. */
    record Delivered(String to, boolean masqueraded) implements Fate {}

    record Refused() implements Fate {}

    record Dropped() implements Fate {}
  }

  /** A packet that comes from another host or pod, or from the node itself. */
  record Packet(String from, String to, String protocol, int port) {}

  private enum Verdict {
    CONTINUE,
    ACCEPT,
    DROP,
    REJECT
  }

  private record Word(Pattern pattern, Function<Matcher, Optional<Verdict>> effect) {}

  private static final String SLOT = "numgen random mod (\\d+)";

  private final TableModel table;
  private final Set<String> nodeAddresses;
  private final Random random;
  private final List<Word> words;

  // The packet under way.
  private String source = "";
  private String destination = "";
  private String protocol = "";
  private int port;
  private String inputDevice = "";
  private boolean translated;
  private boolean masqueraded;
  private int mark;
  private String priority = "";

  PacketTracer(TableModel table, Set<String> nodeAddresses, Random random) {
    this.table = table;
    this.nodeAddresses = nodeAddresses;
    this.random = random;
    this.words = words();
  }

  Fate trace(Packet packet) {
    source = packet.from();
    destination = packet.to();
    protocol = packet.protocol();
    port = packet.port();
    translated = false;
    masqueraded = false;
    mark = 0;
    priority = "0:3"; // as interactive traffic may have, whatever its destination
    boolean fromNode = nodeAddresses.contains(source);
    inputDevice = fromNode ? "lo" : "eth0";
    List<String> hooks =
        fromNode
            ? List.of("nat-output", "filter-output", "nat-postrouting")
            : List.of("guard", "nat-prerouting", "filter-input-or-forward", "nat-postrouting");
    for (String hook : hooks) {
      String chain =
          hook.equals("filter-input-or-forward")
              ? nodeAddresses.contains(destination) ? "filter-input" : "filter-forward"
              : hook;
      switch (chain(chain)) {
        case DROP -> {
          return new Fate.Dropped();
        }
        case REJECT -> {
          return new Fate.Refused();
        }
        case CONTINUE, ACCEPT -> {}
      }
    }
    return new Fate.Delivered(destination + ":" + port, masqueraded);
  }

  private Verdict chain(String name) {
    for (String rule : table.chain(name, name)) {
      Optional<Verdict> verdict = rule(rule);
      if (verdict.isPresent()) {
        return verdict.get();
      }
    }
    return Verdict.CONTINUE;
  }

  /** Empty: the chain goes on with its next rule. */
  private Optional<Verdict> rule(String rule) {
    String rest = rule;
    while (!rest.isEmpty()) {
      boolean known = false;
      for (Word word : words) {
        Matcher matcher = word.pattern().matcher(rest);
        if (matcher.lookingAt()) {
          matches = true;
          Optional<Verdict> verdict = word.effect().apply(matcher);
          if (!matches || verdict.isPresent()) {
            return matches ? verdict : Optional.empty();
          }
          rest = rest.substring(matcher.end()).strip();
          known = true;
          break;
        }
      }
      if (!known) {
        throw new AssertionError("unknown words: " + rest);
      }
    }
    return Optional.empty();
  }

  private boolean matches;

  private Optional<Verdict> match(boolean condition) {
    matches = condition;
    return Optional.empty();
  }

  private static Word word(String pattern, Function<Matcher, Optional<Verdict>> effect) {
    return new Word(Pattern.compile(pattern + "(?: |$)"), effect);
  }

  private String front() {
    return destination + " . " + protocol + " . " + port;
  }

  private List<Word> words() {
    return List.of(
        word("iifname != \"lo\"", _ -> match(!inputDevice.equals("lo"))),
        word("ct state new", _ -> match(true)),
        word("ct status dnat", _ -> match(translated)),
        word("fib daddr type local", _ -> match(nodeAddresses.contains(destination))),
        word("fib daddr type != local", _ -> match(!nodeAddresses.contains(destination))),
        word("fib saddr type local", _ -> match(nodeAddresses.contains(source))),
        word(
            "ip daddr \\. meta l4proto \\. th dport vmap @(\\S+)",
            m -> verdictOf(m.group(1), front())),
        word(
            "meta l4proto \\. th dport vmap @(\\S+)",
            m -> verdictOf(m.group(1), protocol + " . " + port)),
        word(
            "ip daddr \\. meta l4proto \\. th dport @(\\S+)",
            m -> match(table.set(m.group(1), "").containsKey(front()))),
        word(
            "update @(\\S+) \\{ ip daddr \\. meta l4proto \\. th dport counter }",
            m -> remember(m.group(1), front())),
        word(
            "ip saddr \\. ip daddr @(\\S+)",
            m -> match(table.set(m.group(1), "").containsKey(source + " . " + destination))),
        word("ip saddr @(\\S+)", m -> match(table.set(m.group(1), "").containsKey(source))),
        word(
            "ip saddr \\{ ([^}]+) }",
            m -> match(Stream.of(m.group(1).split(", ")).anyMatch(each -> within(source, each)))),
        word("ip saddr != (\\S+/\\d+)", m -> match(!within(source, m.group(1)))),
        word("ip saddr (\\S+/\\d+)", m -> match(within(source, m.group(1)))),
        word("ip daddr (\\S+/\\d+)", m -> match(within(destination, m.group(1)))),
        word(
            "meta priority set ip daddr \\. meta l4proto \\. th dport map @(\\S+)",
            m -> setPriority(m.group(1), front())),
        word(
            "meta priority set meta l4proto \\. th dport map @(\\S+)",
            m -> setPriority(m.group(1), protocol + " . " + port)),
        word("meta priority vmap @(\\S+)", m -> verdictOf(m.group(1), priority)),
        word("meta mark set meta mark or 0x4000", _ -> mark(mark | 0x4000)),
        word("meta mark & 0x4000 == 0x4000", _ -> match((mark & 0x4000) != 0)),
        word("meta mark set meta mark & 0xffffbfff", _ -> mark(mark & ~0x4000)),
        word("meta l4proto (\\w+)", m -> match(protocol.equals(m.group(1)))),
        word(
            "dnat ip to ip daddr \\. (\\w+) dport \\. " + SLOT + " map @(\\S+)",
            m ->
                translateBySlot(
                    m.group(1), destination + " . " + port, slot(m.group(2)), m.group(3))),
        word(
            "dnat ip to (\\w+) dport \\. " + SLOT + " map @(\\S+)",
            m -> translateBySlot(m.group(1), "" + port, slot(m.group(2)), m.group(3))),
        word(
            "dnat ip to " + SLOT + " map (\\{.*})",
            m -> translate(choice(m.group(2), slot(m.group(1))))),
        word("dnat ip to (\\S+):(\\d+)", m -> translate(m.group(1) + " . " + m.group(2))),
        word(SLOT + " vmap (\\{.*})", m -> follow(choice(m.group(2), slot(m.group(1))))),
        word("update @(\\S+) \\{ ip saddr }", m -> remember(m.group(1), source)),
        word("masquerade", _ -> masquerade()),
        word("(?:goto|jump) (\\S+)", m -> follow(m.group())),
        word("return", _ -> Optional.of(Verdict.CONTINUE)),
        word("drop", _ -> Optional.of(Verdict.DROP)),
        word("reject( with tcp reset)?", _ -> Optional.of(Verdict.REJECT)));
  }

  private Optional<Verdict> setPriority(String map, String key) {
    String found = table.set(map, map).get(key);
    priority = found == null ? priority : found;
    return match(found != null);
  }

  private Optional<Verdict> mark(int value) {
    mark = value;
    return Optional.empty();
  }

  private static String choice(String braced, String slot) {
    return Objects.requireNonNull(TableModel.elements(braced).get(slot), slot);
  }

  private String slot(String count) {
    return String.valueOf(random.nextInt(Integer.parseInt(count)));
  }

  private Optional<Verdict> verdictOf(String map, String key) {
    String verdict = table.set(map, map).get(key);
    return verdict == null ? match(false) : follow(verdict);
  }

  private Optional<Verdict> follow(String verdict) {
    String[] words = verdict.strip().split(" ");
    Verdict inside = chain(words[1]);
    return words[0].equals("jump") && inside == Verdict.CONTINUE
        ? Optional.empty()
        : Optional.of(inside);
  }

  private Optional<Verdict> translateBySlot(
      String ofProtocol, String key, String slot, String map) {
    if (!ofProtocol.equals(protocol)) {
      return match(false);
    }
    String data = table.set(map, map).get(key + " . " + slot);
    if (data == null) {
      throw new AssertionError("slot " + slot + " of " + key + " is empty");
    }
    return translate(data);
  }

  private Optional<Verdict> translate(String data) {
    String[] addressAndPort = data.split(" \\. ");
    destination = addressAndPort[0];
    port = Integer.parseInt(addressAndPort[1]);
    translated = true;
    return Optional.of(Verdict.ACCEPT);
  }

  private Optional<Verdict> masquerade() {
    masqueraded = true;
    return Optional.of(Verdict.ACCEPT);
  }

  private Optional<Verdict> remember(String set, String key) {
    table.set(set, set).put(key, "");
    return Optional.empty();
  }

  private static boolean within(String address, String range) {
    return Cidr.parse(range).contains(Ip.parse(address));
  }
}
