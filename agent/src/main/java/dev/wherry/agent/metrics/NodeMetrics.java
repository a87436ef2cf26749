package dev.wherry.agent.metrics;

import dev.wherry.agent.dns.DnsCounts;
import dev.wherry.agent.probe.ProbeCounts;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/**
 * What kubelet tells of consumption, read anew whenever it is asked for: nothing is kept, so a node
 * that nobody scrapes pays nothing. Blocks for a list of the engine; thread-safe.
 */
public final class NodeMetrics {
  public static final String CONTENT_TYPE = PrometheusText.CONTENT_TYPE;

  private final ContainerRuntime runtime;
  private final String node;
  private final String version;
  private final Path dataDir;
  private final Supplier<Optional<NodeUsage>> rates;
  private final ProbeCounts probes;
  private final DnsCounts names;
  private final InstantSource clock;

  /**
   * @param dataDir on the file system that is told of
   * @param rates the last usage sample
   */
  public NodeMetrics(
      ContainerRuntime runtime,
      String node,
      String version,
      Path dataDir,
      Supplier<Optional<NodeUsage>> rates,
      ProbeCounts probes,
      DnsCounts names,
      InstantSource clock) {
    this.runtime = runtime;
    this.node = node;
    this.version = version;
    this.dataDir = dataDir;
    this.rates = rates;
    this.probes = probes;
    this.names = names;
    this.clock = clock;
  }

  private Sample sample() throws IOException {
    return Sample.read(runtime, dataDir, clock.instant());
  }

  /** {@code metrics/cadvisor}. */
  public String cadvisor() throws IOException {
    return CadvisorMetrics.render(sample(), version);
  }

  /** {@code metrics/resource}. */
  public String resource() throws IOException {
    return ResourceMetrics.render(sample());
  }

  /** {@code stats/summary}. */
  public Obj summary() throws IOException {
    return StatsSummary.render(node, sample(), rates.get());
  }

  /** {@code metrics/probes}. */
  public String probes() {
    return ProbeMetrics.render(probes.all());
  }

  /** {@code metrics}. */
  public String agent() throws IOException {
    long openFiles;
    try (Stream<Path> files = Files.list(Path.of("/proc/self/fd"))) {
      openFiles = files.count();
    }
    String own =
        AgentMetrics.render(
            node,
            version,
            runtime.list(),
            KernelFile.text("/proc/self/stat"),
            openFiles,
            KernelFile.value(KernelFile.text("/proc/stat"), "btime"));
    return own + DnsMetrics.render(names.answered(), names.remembered());
  }
}
