package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.Downward;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume;
import dev.wherry.api.view.Volume.Item;
import dev.wherry.api.view.Volume.Projection;
import dev.wherry.api.view.Volume.Source;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a volume must hold. Pure; {@link VolumeApplier} makes it so. */
public sealed interface VolumePlan {
  /** Files by their paths in the volume. */
  record Files(Map<String, File> files) implements VolumePlan {
    public Files {
      files = Map.copyOf(files);
    }
  }

  /**
   * @param sizeBytes of a volume in memory; 0: no bound
   */
  record EmptyDir(boolean memory, long sizeBytes) implements VolumePlan {}

  /** {@code type} as v1.HostPathType. */
  record HostPath(String path, String type) implements VolumePlan {}

  /**
   * A directory of this node that a claim is bound to; it outlives the pod.
   *
   * @param create whether it is made where it is missing
   */
  record Claimed(String path, boolean create, boolean readOnly) implements VolumePlan {}

  /** A file's bytes and permission bits. */
  record File(byte[] content, int mode) {
    boolean same(File other) {
      return mode == other.mode && java.util.Arrays.equals(content, other.content);
    }
  }

  /**
   * Plans one volume.
   *
   * @throws VolumeException when an object it needs is missing, or nobody here knows such a volume
   */
  static VolumePlan plan(
      PodView pod, Volume volume, ConfigSource config, NodeFacts node, String podIp)
      throws VolumeException {
    Reader reader = new Reader(pod, config, node, podIp);
    return switch (volume.source()) {
      case Source.EmptyDir dir ->
          new EmptyDir(
              dir.medium().equals("Memory"),
              dir.sizeLimit().isEmpty()
                  ? 0
                  : dev.wherry.api.object.Quantity.parse(dir.sizeLimit()).wholeCeiling());
      case Source.HostPath path -> new HostPath(path.path(), path.type());
      case Source.ConfigMap map ->
          new Files(reader.configMap(map.name(), map.items(), map.defaultMode(), map.optional()));
      case Source.Secret secret ->
          new Files(
              reader.secret(
                  secret.name(), secret.items(), secret.defaultMode(), secret.optional()));
      case Source.DownwardApi api -> new Files(reader.downward(api.items(), api.defaultMode()));
      case Source.Projected projected -> new Files(reader.projected(projected));
      case Source.PersistentVolumeClaim claim ->
          claimed(pod, claim.claimName(), claim.readOnly(), config);
      case Source.Other other when other.kind().equals("ephemeral") ->
          claimed(pod, pod.meta().name() + "-" + volume.name(), false, config);
      case Source.Other other ->
          throw new VolumeException("no volume plugin matched " + other.kind());
    };
  }

  private static Claimed claimed(PodView pod, String name, boolean readOnly, ConfigSource config)
      throws VolumeException {
    Obj claim =
        config
            .claim(name)
            .orElseThrow(
                () -> new VolumeException("persistentvolumeclaim \"" + name + "\" not found"));
    String bound = claim.obj("spec").string("volumeName");
    if (bound.isEmpty() || !claim.obj("status").string("phase").equals("Bound")) {
      throw new VolumeException(
          "error processing PVC " + pod.key().namespace() + "/" + name + ": PVC is not bound");
    }
    Obj spec =
        config
            .volume(bound)
            .orElseThrow(() -> new VolumeException("persistentvolume \"" + bound + "\" not found"))
            .obj("spec");
    boolean onlyRead =
        readOnly || spec.strings("accessModes").equals(java.util.List.of("ReadOnlyMany"));
    if (spec.has("hostPath")) {
      Obj host = spec.obj("hostPath");
      return new Claimed(
          host.string("path"), host.string("type").equals("DirectoryOrCreate"), onlyRead);
    }
    if (spec.has("local")) {
      return new Claimed(spec.obj("local").string("path"), false, onlyRead);
    }
    throw new VolumeException("no volume plugin matched persistentvolume \"" + bound + "\"");
  }

  /** Reads objects into files. */
  record Reader(PodView pod, ConfigSource config, NodeFacts node, String podIp) {

    private Map<String, File> projected(Source.Projected projected) throws VolumeException {
      Map<String, File> files = new LinkedHashMap<>();
      int mode = projected.defaultMode();
      for (Projection each : projected.sources()) {
        switch (each) {
          case Projection.ConfigMap map ->
              files.putAll(configMap(map.name(), map.items(), mode, map.optional()));
          case Projection.Secret secret ->
              files.putAll(secret(secret.name(), secret.items(), mode, secret.optional()));
          case Projection.DownwardApi api -> files.putAll(downward(api.items(), mode));
          case Projection.ServiceAccountToken _ -> {
            // Tokens are asked from the master; the files beside them are served without.
          }
          case Projection.Other other ->
              throw new VolumeException("no projected volume source matched " + other.kind());
        }
      }
      return files;
    }

    private Map<String, File> configMap(String name, List<Item> items, int mode, boolean optional)
        throws VolumeException {
      Optional<Obj> map = config.configMap(name);
      if (map.isEmpty()) {
        return missing("configmap", name, optional);
      }
      Map<String, byte[]> values = new LinkedHashMap<>();
      map.get()
          .obj("data")
          .forEach(
              entry ->
                  values.put(
                      entry.key(), entry.value().toString().getBytes(StandardCharsets.UTF_8)));
      map.get().obj("binaryData").forEach(entry -> values.put(entry.key(), decoded(entry)));
      return files(values, items, mode, optional, "configmap", name);
    }

    private Map<String, File> secret(String name, List<Item> items, int mode, boolean optional)
        throws VolumeException {
      Optional<Obj> secret = config.secret(name);
      if (secret.isEmpty()) {
        return missing("secret", name, optional);
      }
      Map<String, byte[]> values = new LinkedHashMap<>();
      secret.get().obj("data").forEach(entry -> values.put(entry.key(), decoded(entry)));
      return files(values, items, mode, optional, "secret", name);
    }

    private static byte[] decoded(Obj.Entry entry) {
      return Base64.getDecoder().decode(entry.value().toString());
    }

    private static Map<String, File> missing(String kind, String name, boolean optional)
        throws VolumeException {
      if (optional) {
        return Map.of();
      }
      throw new VolumeException(kind + " \"" + name + "\" not found");
    }

    private static Map<String, File> files(
        Map<String, byte[]> values,
        List<Item> items,
        int mode,
        boolean optional,
        String kind,
        String name)
        throws VolumeException {
      Map<String, File> files = new LinkedHashMap<>();
      if (items.isEmpty()) {
        values.forEach((key, value) -> files.put(key, new File(value, mode)));
        return files;
      }
      for (Item item : items) {
        byte[] value = values.get(item.key());
        if (value != null) {
          files.put(path(item), new File(value, (int) item.mode().orElse(mode)));
        } else if (!optional) {
          throw new VolumeException(
              kind + " \"" + name + "\" references non-existent config key: " + item.key());
        }
      }
      return files;
    }

    private Map<String, File> downward(List<Item> items, int mode) throws VolumeException {
      Map<String, File> files = new LinkedHashMap<>();
      for (Item item : items) {
        String text =
            item.fieldPath().isEmpty()
                ? Downward.resource(pod, item.resourceFieldRef(), node)
                : Downward.field(pod, item.fieldPath(), podIp, node).orElse("");
        files.put(
            path(item),
            new File(text.getBytes(StandardCharsets.UTF_8), (int) item.mode().orElse(mode)));
      }
      return files;
    }

    private static String path(Item item) throws VolumeException {
      String path = item.path();
      boolean climbs = List.of(path.split("/", -1)).contains("..");
      if (path.isEmpty() || path.startsWith("/") || climbs) {
        throw new VolumeException("invalid path \"" + path + "\" in a volume's items");
      }
      return path;
    }
  }
}
