package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Source;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.OptionalLong;

/** What a volume must hold. Pure; {@link VolumeApplier} makes it so. */
public sealed interface VolumePlan {
  /** Files by their paths in the volume. */
  record Files(Map<String, File> files) implements VolumePlan {
    public Files {
      files = Map.copyOf(files);
    }
  }

  /**
   * A directory that is empty at first.
   *
   * @param sizeBytes 0: no bound
   */
  record EmptyDir(Medium medium, long sizeBytes) implements VolumePlan {
    /** What holds the bytes (v1.StorageMedium). */
    sealed interface Medium {}

    /** The node's disk. */
    record Disk() implements Medium {}

    /** A tmpfs. */
    record Memory() implements Medium {}

    /**
     * A hugetlbfs.
     *
     * @param pageBytes the size of a page
     */
    record HugePages(long pageBytes) implements Medium {}
  }

  /** The files of an image, which are mounted once a container wants them. */
  record ImageFiles() implements VolumePlan {}

  /** {@code type} as v1.HostPathType. */
  record HostPath(String path, String type) implements VolumePlan {}

  /**
   * A directory or device of this node that a claim is bound to; it outlives the pod.
   *
   * @param type as v1.HostPathType
   * @param block a device, which no directory is
   * @param sizeBytes as claimed; 0: nothing is said
   */
  record Claimed(
      String path, Kind kind, String type, boolean readOnly, boolean block, long sizeBytes)
      implements VolumePlan {
    /** Whose it is. */
    public enum Kind {
      /** Made for the claim by this cluster. */
      PROVISIONED,
      /** Somebody's {@code local} volume, given over to pods. */
      LOCAL,
      /** A path of the machine that is not only the pods'. */
      HOST_PATH
    }
  }

  /**
   * A file's bytes and permission bits.
   *
   * @param owner a user's id; empty: root
   */
  record File(byte[] content, int mode, OptionalLong owner) {
    File(byte[] content, int mode) {
      this(content, mode, OptionalLong.empty());
    }

    boolean holds(byte[] other) {
      return Arrays.equals(content, other);
    }
  }

  /**
   * Plans one volume.
   *
   * @throws VolumeException when an object it needs is missing, or nobody here knows such a volume
   */
  static VolumePlan plan(Volume volume, ObjectFiles objects) throws VolumeException {
    PodView pod = objects.pod();
    ConfigSource config = objects.config();
    return switch (volume.source()) {
      case Source.EmptyDir dir -> EmptyDirs.plan(dir, pod, objects.node().memoryBytes());
      case Source.HostPath path -> new HostPath(path.path(), path.type());
      case Source.ConfigMap map ->
          new Files(objects.configMap(map.name(), map.items(), map.defaultMode(), map.optional()));
      case Source.Secret secret ->
          new Files(
              objects.secret(
                  secret.name(), secret.items(), secret.defaultMode(), secret.optional()));
      case Source.DownwardApi api -> new Files(objects.downward(api.items(), api.defaultMode()));
      case Source.Projected projected -> new Files(objects.projected(projected));
      case Source.PersistentVolumeClaim _ -> Claims.find(pod, volume, config);
      case Source.Ephemeral _ -> Claims.find(pod, volume, config);
      case Source.Image _ -> new ImageFiles();
      case Source.Other other ->
          throw new VolumeException("no volume plugin matched " + other.kind());
    };
  }

  /** Whether what it holds follows objects, and is to be looked at while the pod runs. */
  static boolean followsObjects(Volume volume) {
    return switch (volume.source()) {
      case Source.ConfigMap _, Source.Secret _, Source.DownwardApi _, Source.Projected _ -> true;
      default -> false;
    };
  }

  /**
   * Where the volume lies once it is made.
   *
   * @throws VolumeException when its claim is gone
   */
  static Located locate(PodView pod, Volume volume, ConfigSource config, PodDirectories directories)
      throws VolumeException {
    return switch (volume.source()) {
      case Source.EmptyDir dir ->
          new Located(
              dir.medium().isEmpty()
                  ? directories.volume(pod.uid(), volume.name())
                  : directories.runVolume(pod.uid(), volume.name()),
              false);
      case Source.HostPath path -> new Located(Path.of(path.path()), false);
      case Source.PersistentVolumeClaim _ -> located(Claims.find(pod, volume, config));
      case Source.Ephemeral _ -> located(Claims.find(pod, volume, config));
      case Source.ConfigMap _, Source.Secret _, Source.DownwardApi _, Source.Projected _ ->
          new Located(directories.runVolume(pod.uid(), volume.name()), true);
      case Source.Image _ ->
          new Located(directories.runVolume(pod.uid(), volume.name()), true, Located.Form.DATA);
      case Source.Other other ->
          throw new VolumeException("no volume plugin matched " + other.kind());
    };
  }

  private static Located located(Claimed claimed) {
    return new Located(
        Path.of(claimed.path()),
        claimed.readOnly(),
        claimed.block() ? Located.Form.DEVICE : Located.Form.FILES);
  }
}
