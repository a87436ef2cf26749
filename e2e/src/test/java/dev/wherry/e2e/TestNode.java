package dev.wherry.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A machine made of a network namespace: it has an address on a link to a second namespace, the
 * outside, from which a scenario asks node ports. One {@code wherry up} runs on it with a data
 * directory of its own. Closing it purges.
 */
final class TestNode implements AutoCloseable {
  static final String ADDRESS = "198.18.7.2";
  private static final String OUTSIDE_ADDRESS = "198.18.7.1";

  private final Process network;
  private final Process outside;
  private final Path data;

  private TestNode(Process network, Process outside, Path data) {
    this.network = network;
    this.outside = outside;
    this.data = data;
  }

  /** Makes the namespaces; nothing of Wherry runs yet. */
  static TestNode create() {
    try {
      Path data = Files.createTempDirectory("wherry-e2e-");
      TestNode node = new TestNode(namespace(), namespace(), data);
      node.connect();
      return node;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A node with a Wherry that is Ready. */
  static TestNode up() {
    TestNode node = create();
    try {
      node.wherryUp().ok();
      return node;
    } catch (AssertionError | RuntimeException e) {
      node.close();
      throw e;
    }
  }

  /** A process that holds a new network namespace; it ends with its standard input. */
  static Process namespace() throws IOException {
    Process holder = new ProcessBuilder("unshare", "--net", "cat").start();
    String ours = networkOf(ProcessHandle.current().pid());
    Shell.await(
        Duration.ofSeconds(10), () -> networkOf(holder.pid()), theirs -> !theirs.equals(ours));
    return holder;
  }

  private static String networkOf(long pid) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/" + pid + "/ns/net")).toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void connect() {
    run(
            "ip",
            "link",
            "add",
            "eth0",
            "type",
            "veth",
            "peer",
            "name",
            "eth0",
            "netns",
            "" + outside.pid())
        .ok();
    for (Process each : List.of(network, outside)) {
      inside(each, "", "ip", "link", "set", "lo", "up").ok();
      inside(each, "", "ip", "link", "set", "eth0", "up").ok();
    }
    run("ip", "addr", "add", ADDRESS + "/24", "dev", "eth0").ok();
    runOutside("ip", "addr", "add", OUTSIDE_ADDRESS + "/24", "dev", "eth0").ok();
    run("ip", "route", "add", "default", "via", OUTSIDE_ADDRESS).ok();
  }

  private Shell.Result inside(Process namespace, String input, String... command) {
    List<String> line =
        new ArrayList<>(List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net"));
    line.addAll(List.of(command));
    Map<String, String> environment =
        Map.of("KUBECONFIG", data.resolve("kubeconfig").toString(), "HOME", data.toString());
    return Shell.run(line, input, environment);
  }

  /** Runs a program on this machine. */
  Shell.Result run(String... command) {
    return inside(network, "", command);
  }

  /** Runs a command of the shell on this machine, with these variables besides. */
  Shell.Result shell(Map<String, String> environment, String command) {
    return Shell.run(
        List.of("nsenter", "--net=/proc/" + network.pid() + "/ns/net", "sh", "-c", command),
        "",
        environment);
  }

  /** Runs a program on the machine beside it. */
  Shell.Result runOutside(String... command) {
    return inside(outside, "", command);
  }

  /**
   * What a GET of this URL answers on the machine beside it; curl's complaint when nothing does.
   */
  String curl(String url) {
    Shell.Result answer = runOutside("curl", "-sS", "--max-time", "10", url);
    return (answer.code() == 0 ? answer.out() : answer.err()).strip();
  }

  /** Runs {@code kubectl} and expects it to succeed; its output. */
  String kubectl(String... arguments) {
    return tryKubectl("", arguments).ok();
  }

  /** As {@link #kubectl} with something to read. */
  String kubectlWith(String input, String... arguments) {
    return tryKubectl(input, arguments).ok();
  }

  Shell.Result tryKubectl(String input, String... arguments) {
    return inside(network, input, words("kubectl", arguments));
  }

  /** Runs {@code kubectl} with a terminal. */
  Shell.Result kubectlOnTerminal(String arguments) {
    return run("script", "-qec", "kubectl " + arguments, "/dev/null");
  }

  /** Starts a {@code wherry} command that stays in the foreground, in its own data directory. */
  Process start(Path directory, Path output, String command, String... arguments) {
    List<String> line =
        new ArrayList<>(
            List.of(
                Shell.HOME.resolve("wherry").toString(),
                command,
                "--data-dir",
                directory.toString()));
    line.addAll(List.of(arguments));
    return begin(output, line.toArray(String[]::new));
  }

  /** Starts a program that stays in the foreground. */
  Process begin(Path output, String... command) {
    List<String> line =
        new ArrayList<>(List.of("nsenter", "--net=/proc/" + network.pid() + "/ns/net"));
    line.addAll(List.of(command));
    try {
      return new ProcessBuilder(line)
          .redirectErrorStream(true)
          .redirectOutput(output.toFile())
          .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs {@code podman} on this machine's engine. */
  String podman(String... arguments) {
    String status = wherry("status", "-o", "json").ok();
    String engine = status.replaceAll("(?s).*\"engine\":\"([^\"]+)\".*", "$1");
    return run(Stream.concat(Stream.of("podman", "--url", engine), Stream.of(arguments))
            .toArray(String[]::new))
        .ok();
  }

  Shell.Result wherry(String command, String... arguments) {
    List<String> line = new ArrayList<>(List.of(command, "--data-dir", data.toString()));
    line.addAll(List.of(arguments));
    return run(words(Shell.HOME.resolve("wherry").toString(), line.toArray(String[]::new)));
  }

  Shell.Result wherryUp(String... arguments) {
    List<String> line = new ArrayList<>(List.of("--node-name", "node-1"));
    line.addAll(List.of(arguments));
    return wherry("up", line.toArray(String[]::new));
  }

  /** The process that {@code up} started. */
  ProcessHandle server() {
    try {
      long pid = Long.parseLong(Files.readAllLines(data.resolve("wherry.pid")).getFirst());
      return ProcessHandle.of(pid).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  Path data() {
    return data;
  }

  private static String[] words(String first, String... rest) {
    List<String> words = new ArrayList<>(List.of(first));
    words.addAll(List.of(rest));
    return words.toArray(String[]::new);
  }

  @Override
  public void close() {
    try {
      wherry("down", "--purge").ok();
    } finally {
      for (Process each : List.of(network, outside)) {
        each.destroy();
        each.onExit().join();
      }
    }
  }
}
