package dev.wherry.cli;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * What a machine has of what Wherry needs. The facts are read at the rim; {@link #findings} is a
 * pure function of them.
 *
 * @param root whether we are root
 * @param tools the version line of each program that could be run
 * @param controllers cgroup controllers in reach
 * @param unified whether cgroup v2 is the only hierarchy
 * @param nftables whether a ruleset can be listed
 * @param freeBytes free space below the data directory
 * @param memoryBytes total memory
 * @param engine that runs containers
 * @param engineAnswers whether its socket answers; empty when our Podman service never made one
 */
record MachineCheck(
    boolean root,
    Map<String, String> tools,
    List<String> controllers,
    boolean unified,
    boolean nftables,
    long freeBytes,
    long memoryBytes,
    EngineFlags.Engine engine,
    Optional<Boolean> engineAnswers) {
  private static final long MIN_FREE_BYTES = 256L << 20;
  private static final long MIN_MEMORY_BYTES = 400L << 20;
  private static final Map<String, String> PODMAN_PACKAGES =
      Map.of("podman", "podman", "runc", "runc", "conmon", "conmon");
  private static final Map<String, String> DOCKER_PACKAGES = Map.of("dockerd", "docker.io");
  private static final Map<String, String> PACKAGES =
      Map.of(
          "nft", "nftables",
          "ip", "iproute2",
          "nsenter", "util-linux",
          "conntrack", "conntrack",
          "kubectl", "kubernetes-client");

  /** How bad it is. */
  enum Level {
    OK,
    WARNING,
    MISSING
  }

  /** One thing looked at; {@code fix} is empty where nothing is to be done. */
  record Finding(Level level, String name, String found, String fix) {}

  List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        root
            ? new Finding(Level.OK, "root", "running as root", "")
            : new Finding(
                Level.MISSING,
                "root",
                "not root",
                "run it with sudo: network namespaces and nftables need root"));
    packages(engine)
        .forEach(
            (tool, aptPackage) -> {
              String version = tools.get(tool);
              findings.add(
                  version != null
                      ? new Finding(Level.OK, tool, version, "")
                      : new Finding(
                          tool.equals("kubectl") ? Level.WARNING : Level.MISSING,
                          tool,
                          "not found",
                          "apt-get install " + aptPackage));
            });
    findings.add(cgroups());
    findings.add(
        nftables
            ? new Finding(Level.OK, "nftables", "the kernel answers", "")
            : new Finding(
                Level.MISSING,
                "nftables",
                "'nft list tables' fails",
                "load the kernel's nf_tables module: modprobe nf_tables"));
    findings.add(
        freeBytes >= MIN_FREE_BYTES
            ? new Finding(Level.OK, "disk", (freeBytes >> 20) + " MB free", "")
            : new Finding(
                Level.WARNING,
                "disk",
                "only " + (freeBytes >> 20) + " MB free",
                "free some space below the data directory"));
    findings.add(
        memoryBytes >= MIN_MEMORY_BYTES
            ? new Finding(Level.OK, "memory", (memoryBytes >> 20) + " MB", "")
            : new Finding(
                Level.WARNING,
                "memory",
                "only " + (memoryBytes >> 20) + " MB",
                "512 MB is the least that was tried"));
    engineAnswers.ifPresent(answers -> findings.add(socket(answers)));
    return findings;
  }

  private static Map<String, String> packages(EngineFlags.Engine engine) {
    Map<String, String> packages = new TreeMap<>(PACKAGES);
    packages.putAll(
        switch (engine) {
          case PODMAN -> PODMAN_PACKAGES;
          case DOCKER -> DOCKER_PACKAGES;
        });
    return packages;
  }

  private Finding socket(boolean answers) {
    return switch (engine) {
      case PODMAN ->
          answers
              ? new Finding(Level.OK, "podman-api", "the socket answers", "")
              : new Finding(
                  Level.WARNING,
                  "podman-api",
                  "the socket is there and nobody answers",
                  "'wherry up' starts the service again; its output is in podman.log below the data directory");
      case DOCKER ->
          answers
              ? new Finding(Level.OK, "docker-api", "the socket answers", "")
              : new Finding(
                  Level.MISSING,
                  "docker-api",
                  "the Docker daemon does not answer",
                  "start it: systemctl enable --now docker");
    };
  }

  private Finding cgroups() {
    List<String> lacking = new ArrayList<>(List.of("cpu", "memory", "pids"));
    lacking.removeAll(controllers);
    String hierarchy = unified ? "v2" : "v1";
    if (lacking.isEmpty()) {
      return new Finding(Level.OK, "cgroups", hierarchy + ", " + String.join(" ", controllers), "");
    }
    return new Finding(
        Level.MISSING,
        "cgroups",
        hierarchy + " without " + String.join(", ", lacking),
        lacking.contains("memory")
            ? "add 'cgroup_enable=memory cgroup_memory=1' to the kernel's command line (/boot/firmware/cmdline.txt on a Raspberry Pi) and reboot"
            : "enable the controllers in the kernel's configuration");
  }

  static MachineCheck ofThisMachine(DataDirectory data, EngineFlags flags) {
    Map<String, String> tools = new TreeMap<>();
    for (String tool : packages(flags.engine()).keySet()) {
      String flag =
          switch (tool) {
            case "ip" -> "-V";
            case "kubectl" -> "version --client";
            default -> "--version";
          };
      firstLine(tool, flag.split(" ")).ifPresent(line -> tools.put(tool, line));
    }
    boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    return new MachineCheck(
        "root".equals(System.getProperty("user.name")),
        tools,
        readControllers(unified),
        unified,
        firstLine("nft", "list", "tables").isPresent(),
        usableBytes(data.path()),
        totalMemoryBytes(),
        flags.engine(),
        engineAnswers(data, flags));
  }

  private static Optional<String> firstLine(String program, String... arguments) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(List.of(arguments));
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getOutputStream().close();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!process.waitFor(10, TimeUnit.SECONDS) || process.exitValue() != 0) {
        return Optional.empty();
      }
      return Optional.of(output.lines().findFirst().orElse(""));
    } catch (IOException e) {
      return Optional.empty(); // not installed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.empty();
    }
  }

  private static List<String> readControllers(boolean unified) {
    try {
      if (unified) {
        return List.of(
            Files.readString(Path.of("/sys/fs/cgroup/cgroup.controllers")).strip().split(" "));
      }
      return Files.readAllLines(Path.of("/proc/cgroups")).stream()
          .filter(line -> !line.startsWith("#") && line.endsWith("1"))
          .map(line -> line.split("\t")[0])
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static long usableBytes(Path path) {
    for (Path each = path; each != null; each = each.getParent()) {
      if (Files.exists(each)) {
        return each.toFile().getUsableSpace();
      }
    }
    return 0;
  }

  private static long totalMemoryBytes() {
    try {
      return Files.readAllLines(Path.of("/proc/meminfo")).stream()
          .filter(line -> line.startsWith("MemTotal:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }

  private static Optional<Boolean> engineAnswers(DataDirectory data, EngineFlags flags) {
    return switch (flags.engine()) {
      case DOCKER -> Optional.of(accepts(flags.socket()));
      case PODMAN -> {
        Path socket = new Layout(data).podmanSocket();
        yield Files.exists(socket) ? Optional.of(accepts(socket)) : Optional.empty();
      }
    };
  }

  private static boolean accepts(Path socket) {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      return channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return false;
    }
  }
}
