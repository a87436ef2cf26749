package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Services of systemd, installed below a root by systemd's own programs. */
class InstallTest {
  private static final String TOKEN = "abcdef.0123456789abcdef";

  @TempDir private Path directory;
  private Path home;
  private Path root;
  private String before;

  @BeforeEach
  void layOut() throws IOException {
    home = Files.createDirectories(directory.resolve("home"));
    root = Files.createDirectories(directory.resolve("root"));
    Path units = Files.createDirectories(home.resolve("systemd"));
    for (ServiceUnit each : ServiceUnit.values()) {
      Files.copy(Path.of("..", "systemd", each.fileName()), units.resolve(each.fileName()));
    }
    Path launcher = Files.writeString(home.resolve("wherry"), "#!/bin/sh\n");
    launcher.toFile().setExecutable(true);
    before = System.getProperty("wherry.home", ".");
    System.setProperty("wherry.home", home.toString());
  }

  @AfterEach
  void restore() {
    System.setProperty("wherry.home", before);
  }

  private String run(String... arguments) {
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int code = Wherry.run(arguments, new PrintStream(errors, true, StandardCharsets.UTF_8));
    return code + " " + errors.toString(StandardCharsets.UTF_8).strip();
  }

  private Path etc(String path) {
    return root.resolve("etc").resolve(path);
  }

  private Path wanted(ServiceUnit unit) {
    return etc("systemd/system/multi-user.target.wants").resolve(unit.fileName());
  }

  @ParameterizedTest
  @EnumSource
  void systemdTakesTheUnit(ServiceUnit unit) throws Exception {
    Path file = directory.resolve(unit.fileName());
    Files.writeString(file, unit.render(home));
    Process verify =
        new ProcessBuilder("systemd-analyze", "verify", "--man=no", file.toString())
            .redirectErrorStream(true)
            .start();
    String words = new String(verify.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(verify.waitFor()).as(words).isZero();
    assertThat(words.lines().filter(line -> line.contains(unit.fileName()))).isEmpty();
    assertThat(Files.readString(file))
        .contains("ExecStart=" + home + "/wherry ", "EnvironmentFile=-/etc/wherry/wherry.env")
        .as("a service that was stopped has not failed")
        .contains("SuccessExitStatus=143")
        .doesNotContain("/opt/wherry");
  }

  @Test
  void installsAServerAndTakesItAwayAgain() throws Exception {
    assertThat(run("install", "--root", root.toString())).isEqualTo("0 ");
    assertThat(ServiceUnit.SERVER.file(root)).content().contains("wherry server");
    assertThat(Files.exists(wanted(ServiceUnit.SERVER), LinkOption.NOFOLLOW_LINKS)).isTrue();
    assertThat(etc("wherry/config.yaml")).doesNotExist();
    Files.writeString(etc("wherry/wherry.env"), "WHERRY_API_PORT=7443\n");
    assertThat(run("install", "--root", root.toString())).as("again").isEqualTo("0 ");
    assertThat(etc("wherry/wherry.env")).hasContent("WHERRY_API_PORT=7443\n");

    assertThat(run("uninstall", "--root", root.toString())).isEqualTo("0 ");
    assertThat(ServiceUnit.SERVER.file(root)).doesNotExist();
    assertThat(Files.exists(wanted(ServiceUnit.SERVER), LinkOption.NOFOLLOW_LINKS)).isFalse();
    assertThat(etc("wherry/wherry.env")).exists();
    assertThat(run("uninstall", "--root", root.toString(), "--purge")).isEqualTo("0 ");
    assertThat(etc("wherry")).doesNotExist();
  }

  @Test
  void anAgentKnowsItsMaster() throws Exception {
    String[] bare = {"install", "--root", root.toString(), "--role", "agent"};
    assertThat(run(bare)).startsWith("1 wherry: an agent needs --server URL and --token T");
    String[] whole = {
      "install",
      "--root",
      root.toString(),
      "--role",
      "agent",
      "--server",
      "https://10.0.0.1",
      "--token",
      TOKEN
    };
    assertThat(run(whole)).isEqualTo("0 ");
    Path settings = etc("wherry/config.yaml");
    assertThat(Files.readAllLines(settings))
        .isEqualTo(List.of("server: 'https://10.0.0.1'", "token: '" + TOKEN + "'"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(settings)))
        .as("a token is a secret")
        .isEqualTo("rw-------");
    assertThat(run(whole)).contains("is there already");
    assertThat(run(bare)).as("with settings that are there").isEqualTo("0 ");
  }

  @Test
  void saysWhereSystemdDoesNotRun() {
    assumeThat(Path.of("/run/systemd/system")).as("no systemd runs").doesNotExist();
    assertThat(run("install")).startsWith("1 wherry: systemd does not run on this machine");
    assertThat(run("uninstall")).startsWith("1 wherry: systemd does not run on this machine");
  }

  @Test
  void knowsTheJournalByItsFile() throws Exception {
    Path stream = Files.createFile(directory.resolve("stream"));
    String name =
        Files.getAttribute(stream, "unix:dev") + ":" + Files.getAttribute(stream, "unix:ino");
    assertThat(Journal.hasErrors(Map.of("JOURNAL_STREAM", name), stream)).isTrue();
    assertThat(Journal.hasErrors(Map.of("JOURNAL_STREAM", "8:1"), stream)).isFalse();
    assertThat(Journal.hasErrors(Map.of(), stream)).isFalse();
  }
}
