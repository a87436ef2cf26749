package dev.wherry.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry install}: a service of systemd that starts with the machine. */
@Command(
    name = "install",
    description = "Makes Wherry a service of systemd and starts it.",
    mixinStandardHelpOptions = true)
final class Install implements Callable<Integer> {
  private static final String HINTS =
      """
      # Variables for Wherry's services: any flag as WHERRY_ and its name, such as
      # WHERRY_API_PORT=7443
      # WHERRY_HEAP=192m
      # WHERRY_JAVA_HOME=/usr/lib/jvm/jdk-25
      """;

  @Mixin private Machine machine = new Machine();

  @Option(
      names = "--role",
      paramLabel = "ROLE",
      description = "server (master and agent), master or agent (default: ${DEFAULT-VALUE})",
      defaultValue = "server")
  private ServiceUnit role = ServiceUnit.SERVER;

  @Option(names = "--server", paramLabel = "URL", description = "of an agent: its master")
  private String server = "";

  @Option(names = "--token", paramLabel = "T", description = "of an agent: what it joins by")
  private String token = "";

  @Option(names = "--node-name", paramLabel = "NAME", description = "default: the host's name")
  private String nodeName = "";

  @Option(
      names = "--no-start",
      description = "leaves the service for the next start of the machine")
  private boolean notNow;

  @Override
  public Integer call() throws IOException, InterruptedException {
    machine.requireSystemd();
    Path home = Path.of(System.getProperty("wherry.home", ".")).toAbsolutePath().normalize();
    install(role.render(home));
    System.out.println(role.fileName() + " is installed" + (starts() ? " and runs" : ""));
    if (starts()) {
      System.out.println("its log: journalctl -u " + role.fileName());
    }
    return 0;
  }

  private boolean starts() {
    return machine.isThis() && !notNow;
  }

  private void install(String unit) throws IOException, InterruptedException {
    Path settings = machine.root().resolve("etc/wherry");
    Files.createDirectories(settings);
    writeSettings(settings.resolve("config.yaml"));
    Path environment = settings.resolve("wherry.env");
    if (!Files.exists(environment)) {
      writePrivate(environment, HINTS);
    }
    Path file = role.file(machine.root());
    Files.createDirectories(file.getParent());
    Files.writeString(file, unit);
    if (machine.isThis()) {
      machine.systemctl("daemon-reload");
    }
    machine.systemctl("enable", role.fileName());
    if (starts()) {
      machine.systemctl("restart", role.fileName());
    }
  }

  /** What was given goes to the file that holds every flag; one that is there is its owner's. */
  private void writeSettings(Path file) throws IOException {
    List<String> lines = new ArrayList<>();
    add(lines, "server", server);
    add(lines, "token", token);
    add(lines, "node-name", nodeName);
    if (lines.isEmpty()) {
      if (role == ServiceUnit.AGENT && !Files.exists(file)) {
        throw new UserError("an agent needs --server URL and --token T, or both in " + file);
      }
      return;
    }
    if (Files.exists(file)) {
      throw new UserError(file + " is there already: change its settings in it");
    }
    if (role == ServiceUnit.AGENT) {
      MasterAddress.parse(server, token);
    }
    writePrivate(file, String.join("\n", lines) + "\n");
  }

  private static void add(List<String> lines, String flag, String value) {
    if (value.contains("'") || value.contains("\n")) {
      throw new UserError("--" + flag + " must have no quotes and no line ends");
    }
    if (!value.isEmpty()) {
      lines.add(flag + ": '" + value + "'");
    }
  }

  /** It may hold a token. */
  private static void writePrivate(Path file, String text) throws IOException {
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
  }
}
