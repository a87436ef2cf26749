package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Command;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.nft.LibNftables;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.nft.NftCommand;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Edits applied one by one lead to the same table as loading the last state whole. */
@ExtendWith(OwnNetwork.class)
class IncrementalRulesTest {

  @Test
  void inTheModel() {
    for (int run = 0; run < 6; run++) {
      long seed = new Random().nextLong();
      RandomServices services = new RandomServices(seed);
      TableModel edited = new TableModel();
      edited.apply(services.rules().render());
      for (int i = 0; i < 60; i++) {
        Ruleset before = services.rules();
        edited.apply(services.edit().planFrom(before).commands());

        TableModel loaded = new TableModel();
        loaded.apply(services.rules().render());
        assertThat(edited).as("seed %d, edit %d", seed, i).hasToString(loaded.toString());
      }
    }
  }

  @Test
  void inTheKernel() throws Exception {
    long seed = new Random().nextLong();
    RandomServices services = new RandomServices(seed);
    try (Nft nft = LibNftables.open()) {
      nft.run(services.rules().render());
      for (int i = 0; i < 150; i++) {
        Ruleset before = services.rules();
        String commands = services.edit().planFrom(before).commands();
        try {
          nft.run(commands);
        } catch (Nft.RejectedException e) {
          throw new AssertionError("seed " + seed + ", edit " + i + ":\n" + commands, e);
        }
        if (i % 10 == 9) {
          List<String> edited = list();
          nft.run(services.rules().render());
          assertSame(edited, list(), "seed " + seed + ", edit " + i);
        }
      }
    }
  }

  @Test
  void aChangeAmongThousandsOfServicesStaysSmall() throws Exception {
    ServiceTables tables = new ServiceTables(Fixtures.NODE, IpFamily.IPV4);
    int services = 5_000;
    for (int i = 0; i < services; i++) {
      String ip = "10.43." + i / 250 + "." + (1 + i % 250);
      tables.putService(Fixtures.service("svc-" + i, ip, "80"));
      tables.putSlice(endpoints(i, 3));
    }
    Ruleset rules = Ruleset.empty(Fixtures.BASE).with(rendered(tables));
    try (Nft nft = LibNftables.open()) {
      long start = System.nanoTime();
      nft.runEach(rules.renderParts());
      long loaded = System.nanoTime();
      int changes = 50;
      long slowest = 0;
      for (int i = 0; i < changes; i++) {
        long before = System.nanoTime();
        tables.putSlice(endpoints(i, 2 + i % 3));
        Ruleset after = rules.with(rendered(tables));
        String commands = after.planFrom(rules).commands();
        assertThat(commands).hasSizeLessThan(1_000);
        nft.run(commands);
        rules = after;
        slowest = Math.max(slowest, System.nanoTime() - before);
      }
      System.out.printf(
          "%d services: full load %.0f ms, one endpoint change %.2f ms (slowest %.2f)%n",
          services,
          (loaded - start) / 1e6,
          (System.nanoTime() - loaded) / 1e6 / changes,
          slowest / 1e6);
    }
  }

  private static Obj endpoints(int service, int count) {
    String[] addresses = new String[count];
    for (int i = 0; i < count; i++) {
      addresses[i] = "10.42." + service / 80 + "." + (2 + service % 80 * 3 + i);
    }
    return Fixtures.slice("svc-" + service, "80", addresses);
  }

  private static Map<ObjectKey, ServiceRules> rendered(ServiceTables tables) {
    Map<ObjectKey, ServiceRules> rules = new HashMap<>();
    for (ObjectKey key : tables.takeChanged()) {
      rules.put(key, ServiceRules.render(tables.resolve(key), Fixtures.NETWORKS));
    }
    return rules;
  }

  @Test
  void theProgramAndTheLibraryLoadTheSame() throws Exception {
    RandomServices services = new RandomServices(4);
    for (int i = 0; i < 20; i++) {
      services.edit();
    }
    try (Nft library = LibNftables.open();
        Nft program = new NftCommand()) {
      library.run(services.rules().render());
      List<String> byLibrary = list();
      program.run(services.rules().render());

      assertSame(list(), byLibrary, "program against library");
      assertThat(program.run("list chain ip t services\n"))
          .isEqualTo(library.run("list chain ip t services\n"));
    }
  }

  @Test
  void nothingIsRunAfterWhatIsRefused() throws Exception {
    List<Supplier<String>> transactions =
        List.of(() -> "add table ip t1\n", () -> "add chain ip t2 c\n", () -> "add table ip t3\n");
    try (Nft library = LibNftables.open();
        Nft program = new NftCommand()) {
      for (Nft nft : List.of(library, program)) {
        assertThatThrownBy(() -> nft.runEach(transactions))
            .isInstanceOf(Nft.RejectedException.class);
        assertThat(nft.run("list tables\n")).contains("t1").doesNotContain("t3");
        nft.run("delete table ip t1\n");
      }
    }
  }

  /** What the kernel holds, in no order but rules in theirs. */
  private static List<String> list() throws Exception {
    String json = Command.of("nft", "-j", "list", "table", "ip", "t").run();
    List<String> lines = new ArrayList<>();
    for (Obj each : Json.read(json).objs("nftables")) {
      for (Obj.Entry entry : each) {
        if (!(entry.value() instanceof Obj object)) {
          continue;
        }
        if (entry.key().equals("rule")) {
          lines.add(object.string("chain") + " " + Json.text(object.list("expr")));
        } else if (entry.key().equals("map") || entry.key().equals("set")) {
          object.list("elem").forEach(e -> lines.add(object.string("name") + " " + Json.text(e)));
          lines.add(entry.key() + " " + object.without("elem").without("handle"));
        } else if (entry.key().equals("chain")) {
          lines.add("chain " + object.without("handle"));
        }
      }
    }
    // Rules of one chain stay in their order, since the sort is stable.
    lines.sort(
        Comparator.comparing(
            line ->
                line.matches("(map|set|chain) .*") || !line.contains(" [") ? line : chain(line)));
    return lines;
  }

  private static String chain(String rule) {
    return rule.substring(0, rule.indexOf(' '));
  }

  private static void assertSame(List<String> edited, List<String> loaded, String when) {
    List<String> tooMuch = new ArrayList<>(edited);
    tooMuch.removeAll(loaded);
    List<String> missing = new ArrayList<>(loaded);
    missing.removeAll(edited);
    assertThat(tooMuch).as("too much, %s", when).isEmpty();
    assertThat(missing).as("missing, %s", when).isEmpty();
    assertThat(edited.equals(loaded)).as("same order, %s", when).isTrue();
  }
}
