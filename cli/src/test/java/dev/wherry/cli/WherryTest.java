package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class WherryTest {
  @Test
  void readsTheFlagsOfTheCommandThatIsAskedForAlone() {
    assertThat(Wherry.line("up", "--node-name", "n").getSubcommands()).containsOnlyKeys("up");
    Map<String, CommandLine> token = Wherry.line("token", "create").getSubcommands();
    assertThat(token).containsOnlyKeys("token");
    assertThat(Objects.requireNonNull(token.get("token")).getSubcommands())
        .containsKeys("create", "list", "delete");
  }

  @Test
  void knowsAllCommandsWhereNoneIsAskedFor() {
    Set<String> all = Wherry.line("--help").getSubcommands().keySet();

    assertThat(all).contains("up", "server", "demo", "status", "down", "kubeconfig", "master");
    assertThat(all)
        .contains("agent", "token", "check-config", "store", "install", "uninstall", "train");
    assertThat(Wherry.line().getSubcommands().keySet()).isEqualTo(all);
    assertThat(Wherry.line("no-such-command").getSubcommands().keySet()).isEqualTo(all);
  }

  @Test
  void refusesWhatIsNoCommand() {
    assertThat(Wherry.run(new String[] {"no-such-command"}, quiet())).isEqualTo(2);
  }

  private static PrintStream quiet() {
    return new PrintStream(PrintStream.nullOutputStream(), false, StandardCharsets.UTF_8);
  }
}
