package dev.wherry.agent.sync;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.logs.LastWords;
import dev.wherry.agent.pod.ContainerObservation;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.volume.Located;
import dev.wherry.agent.volume.ObjectFiles;
import dev.wherry.agent.volume.Ownership;
import dev.wherry.agent.volume.PodDirectories;
import dev.wherry.agent.volume.PodTokens;
import dev.wherry.agent.volume.StagedMounts;
import dev.wherry.agent.volume.Staging;
import dev.wherry.agent.volume.VolumeApplier;
import dev.wherry.agent.volume.VolumeException;
import dev.wherry.agent.volume.VolumePlan;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files and directories that a pod's containers are given. Thread-safe for different pods. */
final class PodFiles {
  private static final Logger LOG = LoggerFactory.getLogger(PodFiles.class);

  /** Of a termination message (v1.ContainerStateTerminated). */
  private static final int MAX_MESSAGE_BYTES = 4096;

  private static final Path HOSTS = Path.of("/etc/hosts");
  private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");
  private static final Path RESOLVED = Path.of("/run/systemd/resolve/resolv.conf");

  private final PodDirectories directories;
  private final VolumeApplier volumes;
  private final DesiredState desired;
  private final Supplier<NodeFacts> node;
  private final PodTokens tokens;

  PodFiles(
      PodDirectories directories,
      VolumeApplier volumes,
      DesiredState desired,
      Supplier<NodeFacts> node,
      PodTokens tokens) {
    this.directories = directories;
    this.volumes = volumes;
    this.desired = desired;
    this.node = node;
    this.tokens = tokens;
  }

  void open() throws IOException, InterruptedException {
    volumes.open();
  }

  /** Whether a token of the pod is to be renewed. */
  boolean isDue(PodView pod) throws IOException {
    return tokens.isDue(pod);
  }

  /** Volumes and the files below {@code /etc}; what of the name servers' file did not fit. */
  List<String> prepare(PodView pod, String ip) throws IOException, InterruptedException {
    Files.createDirectories(directories.runOfPod(pod.uid()));
    HostName host = HostName.of(pod, node.get());
    write(
        directories.hosts(pod.uid()),
        NodeFiles.hosts(pod, host, node.get().networks().podIps(ip), read(HOSTS)));
    ResolvConf names = ResolvConf.render(pod, hostResolvConf(), node.get());
    write(directories.resolvConf(pod.uid()), names.text());
    write(directories.hostname(pod.uid()), host.kernel() + "\n");
    if (ContainerPlan.sharesMemory(pod)) {
      volumes.shm(pod.uid());
    }
    volumes(pod, ip);
    return names.omissions();
  }

  /** Of a host whose resolver listens on its loopback alone, the file of that resolver's own. */
  private static String hostResolvConf() {
    String own = read(RESOLV_CONF);
    return own.contains("nameserver 127.0.0.53") && Files.exists(RESOLVED) ? read(RESOLVED) : own;
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

  private void volumes(PodView pod, String ip) throws IOException, InterruptedException {
    for (Volume volume : pod.volumes()) {
      make(pod, volume, ip);
    }
  }

  /**
   * Makes volumes of objects hold what their objects hold now. One that cannot does not keep the
   * others from it: a token must be renewed though a config map is gone.
   *
   * @return why some cannot
   */
  List<String> refresh(PodView pod, String ip) throws InterruptedException {
    List<String> refusals = new ArrayList<>();
    for (Volume volume : pod.volumes()) {
      try {
        if (VolumePlan.followsObjects(volume)) {
          make(pod, volume, ip);
        }
      } catch (IOException e) {
        refusals.add(String.valueOf(e.getMessage()));
      }
    }
    return refusals;
  }

  private void make(PodView pod, Volume volume, String ip)
      throws VolumeException, InterruptedException {
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    try {
      ObjectFiles objects = new ObjectFiles(pod, config, node.get(), ip, tokens.of(pod, volume));
      VolumePlan plan = VolumePlan.plan(volume, objects);
      VolumeUse.checkMode(pod, volume.name(), plan);
      volumes.apply(pod.uid(), volume.name(), plan, owner(pod));
    } catch (IOException e) {
      throw new VolumeException(
          "MountVolume.SetUp failed for volume \"" + volume.name() + "\" : " + words(e));
    }
  }

  /** Java names the file alone. */
  private static String words(IOException e) {
    return switch (e) {
      case NoSuchFileException missing -> missing.getFile() + ": no such file or directory";
      case FileAlreadyExistsException there -> there.getFile() + ": file exists";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      default -> String.valueOf(e.getMessage());
    };
  }

  private static Optional<Ownership> owner(PodView pod) {
    OptionalLong group = pod.securityContext().fsGroup();
    Ownership.Policy policy =
        pod.securityContext().fsGroupChangePolicy().equals("OnRootMismatch")
            ? Ownership.Policy.ON_ROOT_MISMATCH
            : Ownership.Policy.ALWAYS;
    return group.isEmpty()
        ? Optional.empty()
        : Optional.of(new Ownership(group.getAsLong(), policy));
  }

  /** Where the pod's volumes lie; one that cannot be had any more lacks. */
  Map<String, Located> locations(PodView pod) {
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    Map<String, Located> locations = new LinkedHashMap<>();
    for (Volume volume : pod.volumes()) {
      try {
        Located located = VolumePlan.locate(pod, volume, config, directories);
        locations.put(
            volume.name(),
            // An engine wants the node itself, and /dev/disk is full of links.
            located.form() == Located.Form.DEVICE
                ? located.at(located.path().toRealPath())
                : located);
      } catch (IOException e) {
        LOG.debug("pod {}: volume {}: {}", pod.key(), volume.name(), e.getMessage());
      }
    }
    return locations;
  }

  /** What must be there before the container is made: parts of volumes, the log's directory. */
  void ready(ContainerSpec spec, List<Staging> stagings) throws IOException, InterruptedException {
    PodUid uid = spec.identity().podUid();
    Path message =
        directories.terminationLog(uid, spec.identity().container(), spec.identity().attempt());
    Files.createDirectories(message.getParent());
    if (!Files.exists(message)) {
      Files.createFile(message);
      Files.setAttribute(message, "unix:mode", 0666);
    }
    for (Staging each : stagings) {
      stage(each, spec.identity().container());
    }
    MountSources.check(spec.mounts());
  }

  private static void stage(Staging staging, String container)
      throws IOException, InterruptedException {
    try {
      StagedMounts.stage(staging);
    } catch (IOException e) {
      throw new ConfigException(
          (staging.subPath().isEmpty() ? "failed to prepare" : "failed to prepare subPath for")
              + " volumeMount \""
              + staging.name()
              + "\" of container \""
              + container
              + "\": "
              + e.getMessage());
    }
  }

  void remove(PodUid uid) throws IOException, InterruptedException {
    volumes.remove(uid);
  }

  /** What an ended container left as its message, or the end of its log where its spec says so. */
  String terminationMessage(ContainerObservation seen, DesiredState pods) {
    Path file = directories.terminationLog(seen.podUid(), seen.name(), seen.attempt());
    String message = tail(file);
    if (!message.isEmpty() || seen.exitCode() == 0) {
      return message;
    }
    boolean fallBack =
        pods.get(Resource.PODS, seen.pod()).map(PodView::new).stream()
            .flatMap(
                pod -> Stream.of(pod.containers(), pod.initContainers(), pod.ephemeralContainers()))
            .flatMap(List::stream)
            .filter(each -> each.name().equals(seen.name()))
            .map(ContainerView::terminationMessagePolicy)
            .anyMatch("FallbackToLogsOnError"::equals);
    return fallBack ? LastWords.of(Path.of(seen.logPath())) : "";
  }

  /** The end of the file, which is what kubelet takes of one that is too long. */
  private static String tail(Path file) {
    try (FileChannel in = FileChannel.open(file, StandardOpenOption.READ)) {
      long from = Math.max(0, in.size() - MAX_MESSAGE_BYTES);
      ByteBuffer bytes = ByteBuffer.allocate(MAX_MESSAGE_BYTES);
      while (bytes.hasRemaining() && in.read(bytes, from + bytes.position()) >= 0) {
        // Until the buffer or the file ends.
      }
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8);
    } catch (IOException _) {
      // No message is no error.
      return "";
    }
  }
}
