package dev.wherry.agent.sync;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.agent.volume.VolumeException;
import dev.wherry.agent.volume.VolumePlan;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** The files and directories that a pod's containers are given. Thread-safe for different pods. */
final class PodFiles {
  /** Of a termination message (v1.ContainerStateTerminated). */
  private static final int MAX_MESSAGE_BYTES = 4096;

  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

  private final PodDirectories directories;
  private final VolumeApplier volumes;
  private final DesiredState desired;
  private final Supplier<NodeFacts> node;

  PodFiles(
      PodDirectories directories,
      VolumeApplier volumes,
      DesiredState desired,
      Supplier<NodeFacts> node) {
    this.directories = directories;
    this.volumes = volumes;
    this.desired = desired;
    this.node = node;
  }

  /** Volumes and the files below {@code /etc}. */
  void prepare(PodView pod, String ip) throws IOException, InterruptedException {
    Files.createDirectories(directories.runOfPod(pod.uid()));
    write(directories.hosts(pod.uid()), NodeFiles.hosts(pod, ip, read(HOSTS), node.get()));
    write(
        directories.resolvConf(pod.uid()),
        NodeFiles.resolvConf(pod, read(RESOLV_CONF), node.get()));
    String name = pod.hostNetwork() ? node.get().name() : Environment.hostname(pod);
    write(directories.hostname(pod.uid()), name + "\n");
    if (ContainerPlan.sharesMemory(pod)) {
      volumes.shm(pod.uid());
    }
    volumes(pod, ip);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException _) {
      // A host without one has nothing to hand on.
      return "";
    }
  }

  /** In place: a bind mount follows the file, not its name. */
  private static void write(Path file, String text) throws IOException {
    if (!Files.exists(file) || !Files.readString(file).equals(text)) {
      Files.writeString(file, text);
    }
  }

  /** Makes the volumes, or makes them hold what their objects hold now. */
  void volumes(PodView pod, String ip) throws IOException, InterruptedException {
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    for (Volume volume : pod.volumes()) {
      try {
        VolumePlan plan = VolumePlan.plan(pod, volume, config, node.get(), ip);
        volumes.apply(pod.uid(), volume.name(), plan, pod.securityContext().fsGroup());
      } catch (VolumeException e) {
        throw new VolumeException(
            "MountVolume.SetUp failed for volume \"" + volume.name() + "\" : " + e.getMessage());
      }
    }
  }

  /** Where the pod's volumes lie. */
  Map<String, Path> locations(PodView pod) {
    Map<String, Path> locations = new LinkedHashMap<>();
    for (Volume volume : pod.volumes()) {
      Path location =
          switch (volume.source()) {
            case Volume.Source.EmptyDir dir when !dir.medium().equals("Memory") ->
                directories.volume(pod.uid(), volume.name());
            case Volume.Source.HostPath path -> Path.of(path.path());
            default -> claimed(pod, volume).orElse(directories.runVolume(pod.uid(), volume.name()));
          };
      locations.put(volume.name(), location);
    }
    return locations;
  }

  private Optional<Path> claimed(PodView pod, Volume volume) {
    boolean isClaim =
        volume.source() instanceof Volume.Source.PersistentVolumeClaim
            || volume.source() instanceof Volume.Source.Other;
    if (!isClaim) {
      return Optional.empty();
    }
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    try {
      return VolumePlan.plan(pod, volume, config, node.get(), "") instanceof VolumePlan.Claimed plan
          ? Optional.of(Path.of(plan.path()))
          : Optional.empty();
    } catch (VolumeException _) {
      // The claim is gone since the pod's volumes were made: a restart finds no such volume.
      return Optional.empty();
    }
  }

  /** What must be there before the container is made: mounts' sources, the log's directory. */
  void ready(ContainerSpec spec) throws IOException {
    Files.createDirectories(spec.logPath().getParent());
    PodUid uid = spec.identity().podUid();
    Path message =
        directories.terminationLog(uid, spec.identity().container(), spec.identity().attempt());
    Files.createDirectories(message.getParent());
    if (!Files.exists(message)) {
      Files.createFile(message);
      Files.setAttribute(message, "unix:mode", 0666);
    }
    for (ContainerSpec.Mount mount : spec.mounts()) {
      if (!Files.exists(mount.source())) {
        // A subPath that is not there yet; anything else was made before.
        Files.createDirectories(mount.source());
      }
    }
  }

  void remove(PodUid uid) throws IOException, InterruptedException {
    volumes.remove(uid);
  }

  /** What an ended container left as its message, or the end of its log where its spec says so. */
  String terminationMessage(ContainerObservation seen, DesiredState pods) {
    Path file = directories.terminationLog(seen.podUid(), seen.name(), seen.attempt());
    String message = head(file);
    if (!message.isEmpty() || seen.exitCode() == 0) {
      return message;
    }
    boolean fallBack =
        pods.get(Resource.PODS, seen.pod()).map(PodView::new).stream()
            .flatMap(pod -> pod.containers().stream())
            .filter(each -> each.name().equals(seen.name()))
            .map(ContainerView::terminationMessagePolicy)
            .anyMatch("FallbackToLogsOnError"::equals);
    return fallBack ? LogTail.of(Path.of(seen.logPath())) : "";
  }

  private static String head(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MAX_MESSAGE_BYTES), StandardCharsets.UTF_8);
    } catch (IOException _) {
      // No message is no error.
      return "";
    }
  }
}
