package dev.wherry.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * Machines made of network namespaces, around one that is switch, router and the outside world. A
 * machine's address is 198.18.SEGMENT.NUMBER; machines of one segment reach each other directly,
 * those of two through the router. Closing it purges every machine.
 */
final class Lan implements AutoCloseable {
  private final Process outside;
  private final Path directory;
  private final List<Machine> machines = new ArrayList<>();

  private Lan(Process outside, Path directory) {
    this.outside = outside;
    this.directory = directory;
  }

  /** One machine; Wherry's data of it lies in a directory of its own. */
  final class Machine {
    private final Process network;
    private final int segment;
    private final int number;
    private final String address;
    private final List<Process> servers = new ArrayList<>();

    private Machine(Process network, int segment, int number, String address) {
      this.network = network;
      this.segment = segment;
      this.number = number;
      this.address = address;
    }

    String name() {
      return "node-" + number;
    }

    String address() {
      return address;
    }

    /** Its address once the machines {@link #speakIpv6}. */
    String ipv6() {
      return prefix() + number;
    }

    private String prefix() {
      return "fd18:" + segment + "::";
    }

    Path data() {
      return directory.resolve("c" + number);
    }

    Shell.Result run(String... command) {
      return inside(network, "", command);
    }

    /** Runs a {@code wherry} command on the machine's data directory. */
    Shell.Result wherry(String... command) {
      return run(
          Stream.of(
                  Stream.of(Shell.HOME.resolve("wherry").toString()),
                  Stream.of(command),
                  Stream.of("--data-dir", data().toString()))
              .flatMap(each -> each)
              .toArray(String[]::new));
    }

    /** Starts an agent that stays. */
    Process startAgent(String server, String token, String... more) {
      List<String> line = words(network, Shell.HOME.resolve("wherry").toString(), "agent");
      line.addAll(List.of("--data-dir", data().toString(), "--node-name", name()));
      line.addAll(List.of("--server", server, "--token", token));
      line.addAll(List.of(more));
      try {
        Process agent =
            new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve(name() + ".out").toFile())
                .start();
        servers.add(agent);
        return agent;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    String curl(String... arguments) {
      return run(curlLine(arguments)).out().strip();
    }

    private void close() {
      for (Process server : servers) {
        server.destroy();
        server.onExit().join();
      }
      try {
        wherry("down", "--purge").ok();
      } finally {
        network.destroy();
        network.onExit().join();
      }
    }
  }

  /** The outside alone. */
  static Lan create() {
    try {
      Lan lan = new Lan(TestNode.namespace(), Files.createTempDirectory("wherry-lan-"));
      lan.runOutside("ip", "link", "set", "lo", "up").ok();
      lan.runOutside("sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward").ok();
      return lan;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a machine to a segment, which is made where it is new. */
  Machine add(int segment) {
    int number = machines.size() + 1;
    String bridge = "br" + segment;
    String gateway = "198.18." + segment + ".254";
    if (runOutside("ip", "link", "show", bridge).code() != 0) {
      runOutside("ip", "link", "add", bridge, "type", "bridge").ok();
      runOutside("ip", "addr", "add", gateway + "/24", "dev", bridge).ok();
      runOutside("ip", "link", "set", bridge, "up").ok();
    }
    try {
      Machine machine =
          new Machine(TestNode.namespace(), segment, number, "198.18." + segment + "." + number);
      machines.add(machine);
      String port = "port" + number;
      machine
          .run(
              "ip",
              "link",
              "add",
              "eth0",
              "type",
              "veth",
              "peer",
              "name",
              port,
              "netns",
              "" + outside.pid())
          .ok();
      runOutside("ip", "link", "set", port, "master", bridge, "up").ok();
      machine.run("ip", "link", "set", "lo", "up").ok();
      machine.run("ip", "addr", "add", machine.address() + "/24", "dev", "eth0").ok();
      machine.run("ip", "link", "set", "eth0", "up").ok();
      machine.run("ip", "route", "add", "default", "via", gateway).ok();
      return machine;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Gives the machines that there are addresses of IPv6, and a way to those of other segments. */
  void speakIpv6() {
    runOutside("sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/forwarding").ok();
    for (Machine each : machines) {
      String gateway = each.prefix() + "ffff";
      runOutside("ip", "addr", "replace", gateway + "/64", "dev", "br" + each.segment, "nodad")
          .ok();
      each.run("ip", "addr", "add", each.ipv6() + "/64", "dev", "eth0", "nodad").ok();
      each.run("ip", "-6", "route", "add", "default", "via", gateway).ok();
    }
  }

  private static List<String> words(Process namespace, String... command) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("nsenter", "--net=/proc/" + namespace.pid() + "/ns/net"));
    line.addAll(List.of(command));
    return line;
  }

  private Shell.Result inside(Process namespace, String input, String... command) {
    Map<String, String> environment =
        Map.of(
            "KUBECONFIG",
            directory.resolve("c1/kubeconfig").toString(),
            "HOME",
            directory.toString());
    return Shell.run(words(namespace, command), input, environment);
  }

  /** Runs a program on the machine that is outside the cluster. */
  Shell.Result runOutside(String... command) {
    return inside(outside, "", command);
  }

  /** What curl prints outside the cluster; empty when it fails. */
  String curl(String... arguments) {
    return runOutside(curlLine(arguments)).out().strip();
  }

  private static String[] curlLine(String... arguments) {
    return Stream.concat(Stream.of("curl", "-s", "--max-time", "10"), Stream.of(arguments))
        .toArray(String[]::new);
  }

  /** Runs {@code kubectl} on the first machine and expects it to succeed; its output. */
  String kubectl(String... arguments) {
    return tryKubectl("", arguments).ok();
  }

  /** As {@link #kubectl} with something to read. */
  String kubectlWith(String input, String... arguments) {
    return tryKubectl(input, arguments).ok();
  }

  Shell.Result tryKubectl(String input, String... arguments) {
    return inside(
        machines.getFirst().network,
        input,
        Stream.concat(Stream.of("kubectl"), Stream.of(arguments)).toArray(String[]::new));
  }

  @Override
  public void close() {
    try {
      // A purge waits for most of its time: for a server's end, for an engine's.
      List<CompletableFuture<Void>> purges =
          machines.stream()
              .map(each -> CompletableFuture.runAsync(each::close, Thread.ofVirtual()::start))
              .toList();
      CompletableFuture.allOf(purges.toArray(CompletableFuture[]::new)).join();
    } finally {
      outside.destroy();
      outside.onExit().join();
      Shell.run(List.of("rm", "-rf", directory.toString()), "", Map.of()).ok();
    }
  }
}
