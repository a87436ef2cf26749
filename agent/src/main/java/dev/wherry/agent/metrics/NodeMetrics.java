package dev.wherry.agent.metrics;

import dev.wherry.agent.dns.DnsCounts;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.probe.ProbeCounts;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.agent.volume.VolumeUsage;
import dev.wherry.agent.volume.VolumeUsages;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
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
  private final VolumeUsages volumes;
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
      VolumeUsages volumes,
      Supplier<Optional<NodeUsage>> rates,
      ProbeCounts probes,
      DnsCounts names,
      InstantSource clock) {
    this.runtime = runtime;
    this.node = node;
    this.version = version;
    this.dataDir = dataDir;
    this.volumes = volumes;
    this.rates = rates;
    this.probes = probes;
    this.names = names;
    this.clock = clock;
  }

  private Sample sample() throws IOException {
    return Sample.read(runtime, clock.instant());
  }

  private DiskSample disks(Sample sample) throws IOException {
    return DiskSample.read(sample, dataDir, volumes);
  }

  /** {@code metrics/cadvisor}. */
  public String cadvisor() throws IOException {
    Sample sample = sample();
    return CadvisorMetrics.render(sample, disks(sample), version);
  }

  /** {@code metrics/resource}. */
  public String resource() throws IOException {
    return ResourceMetrics.render(sample());
  }

  /** {@code stats/summary}. */
  public Obj summary() throws IOException {
    Sample sample = sample();
    return StatsSummary.render(node, sample, disks(sample), rates.get());
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
    List<ContainerObservation> containers = runtime.list();
    return AgentMetrics.render(
            node,
            version,
            containers,
            KernelFile.text("/proc/self/stat"),
            openFiles,
            KernelFile.value(KernelFile.text("/proc/stat"), "btime"))
        + DnsMetrics.render(names.answered(), names.remembered())
        + FileSystemMetrics.claims(claims(containers));
  }

  private List<VolumeUsage> claims(List<ContainerObservation> containers) throws IOException {
    Set<PodUid> running =
        containers.stream()
            .filter(ContainerObservation::isRunning)
            .map(ContainerObservation::podUid)
            .collect(Collectors.toSet());
    return volumes.read(running).values().stream().flatMap(List::stream).toList();
  }
}
