package dev.wherry.cli;

import dev.wherry.api.KubernetesVersion;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code wherry status}. Exit code 0 when the server runs and is ready, else 1. */
@Command(
    name = "status",
    description = "Says what runs, its versions and memory, and where the data is.",
    mixinStandardHelpOptions = true)
final class Status implements Callable<Integer> {
  @Mixin private ClusterOptions cluster = new ClusterOptions();

  /** How to print. */
  enum Format {
    TEXT,
    JSON
  }

  @Option(
      names = {"-o", "--output"},
      description = "text or json",
      defaultValue = "text")
  private Format format = Format.TEXT;

  @Override
  public Integer call() {
    DataDirectory data = cluster.dataDirectory();
    Optional<DataDirectory.ServerFacts> server = data.server();
    boolean ready = server.isPresent() && ApiProbe.isReady(data);
    List<Processes.Usage> processes = processes(data, server);
    if (format == Format.JSON) {
      System.out.println(Json.text(json(data, server, ready, processes)));
    } else {
      printText(data, server, ready, processes);
    }
    return ready ? 0 : 1;
  }

  static List<Processes.Usage> processes(
      DataDirectory data, Optional<DataDirectory.ServerFacts> server) {
    List<Processes.Usage> processes = new ArrayList<>();
    server.ifPresent(
        facts ->
            processes.add(
                new Processes.Usage("wherry", facts.pid(), Processes.rssBytes(facts.pid()))));
    processes.addAll(Processes.of("podman", data.path()));
    processes.addAll(Processes.of("conmon", data.path()));
    return processes;
  }

  private static Obj json(
      DataDirectory data,
      Optional<DataDirectory.ServerFacts> server,
      boolean ready,
      List<Processes.Usage> processes) {
    List<Obj> list =
        processes.stream()
            .map(p -> Obj.of("name", p.name(), "pid", p.pid(), "rssBytes", p.rssBytes()))
            .toList();
    return Obj.builder()
        .put("processes", list)
        .put("node", server.map(DataDirectory.ServerFacts::nodeName).orElse(""))
        .put("api", server.map(facts -> "https://127.0.0.1:" + facts.apiPort()).orElse(""))
        .put("dataDir", data.path().toString())
        .put("engine", new Layout(data).engineUrl())
        .put("ready", ready)
        .put("version", KubernetesVersion.GIT_VERSION)
        .build();
  }

  private static void printText(
      DataDirectory data,
      Optional<DataDirectory.ServerFacts> server,
      boolean ready,
      List<Processes.Usage> processes) {
    if (server.isEmpty()) {
      System.out.println("not running; data in " + data.path());
    } else {
      DataDirectory.ServerFacts facts = server.get();
      System.out.println(
          (ready ? "ready" : "not ready") + ", " + facts.role() + " of node " + facts.nodeName());
      System.out.println("version  " + KubernetesVersion.GIT_VERSION);
      System.out.println("api      https://127.0.0.1:" + facts.apiPort());
      System.out.println("data     " + data.path());
      System.out.println("log      " + data.log());
      Layout layout = new Layout(data);
      String client = layout.docker().isPresent() ? "docker --host " : "podman --url ";
      System.out.println("engine   " + client + layout.engineUrl() + " ps");
    }
    for (Processes.Usage process : processes) {
      System.out.printf(
          "%-8s pid %-8d %6.1f MB%n", process.name(), process.pid(), process.rssBytes() / 1e6);
    }
  }
}
