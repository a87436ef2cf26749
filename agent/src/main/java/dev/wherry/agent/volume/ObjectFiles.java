package dev.wherry.agent.volume;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.Downward;
import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.agent.volume.VolumePlan.File;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Volume.Item;
import dev.wherry.api.view.Volume.Projection;
import dev.wherry.api.view.Volume.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Reads config maps, secrets, tokens and the pod's own fields into the files of a volume. Pure.
 *
 * @param podIp empty before the pod has one
 * @param tokens those that the volume wants and that could be had
 */
public record ObjectFiles(
    PodView pod, ConfigSource config, NodeFacts node, String podIp, Map<TokenWish, String> tokens) {
  private static final int TOKEN_MODE = 0600;

  Map<String, File> projected(Source.Projected projected) throws VolumeException {
    Map<String, File> files = new LinkedHashMap<>();
    int mode = projected.defaultMode();
    for (Projection each : projected.sources()) {
      switch (each) {
        case Projection.ConfigMap map ->
            files.putAll(configMap(map.name(), map.items(), mode, map.optional()));
        case Projection.Secret secret ->
            files.putAll(secret(secret.name(), secret.items(), mode, secret.optional()));
        case Projection.DownwardApi api -> files.putAll(downward(api.items(), mode));
        case Projection.ServiceAccountToken token ->
            token(token, mode).ifPresent(file -> files.put(token.path(), file));
        case Projection.ClusterTrustBundle bundle -> {
          String anchors = TrustAnchors.of(bundle, config.trustBundles());
          files.put(bundle.path(), new File(anchors.getBytes(StandardCharsets.UTF_8), mode));
        }
        case Projection.Other other ->
            throw new VolumeException(
                "projected volume source " + other.kind() + " is not supported by this node");
      }
    }
    return files;
  }

  /** Where users differ between a pod's containers the file is everybody's (kubelet: projected). */
  private Optional<File> token(Projection.ServiceAccountToken projection, int mode) {
    String token = tokens.get(TokenWish.of(pod, projection));
    if (token == null) {
      return Optional.empty();
    }
    OptionalLong user = onlyUser();
    boolean owned = user.isPresent() || pod.securityContext().fsGroup().isPresent();
    byte[] content = token.getBytes(StandardCharsets.UTF_8);
    return Optional.of(new File(content, owned ? TOKEN_MODE : mode, user));
  }

  /** The user that all containers are told to run as; empty: they differ or nobody says. */
  private OptionalLong onlyUser() {
    List<ContainerView> containers = new ArrayList<>(pod.initContainers());
    containers.addAll(pod.containers());
    containers.addAll(pod.ephemeralContainers());
    OptionalLong ofPod = pod.securityContext().runAsUser();
    List<OptionalLong> users =
        containers.stream()
            .map(each -> each.securityContext().runAsUser())
            .map(own -> own.isPresent() ? own : ofPod)
            .distinct()
            .toList();
    return users.size() == 1 ? users.getFirst() : OptionalLong.empty();
  }

  Map<String, File> configMap(String name, List<Item> items, int mode, boolean optional)
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
                values.put(entry.key(), entry.value().toString().getBytes(StandardCharsets.UTF_8)));
    map.get().obj("binaryData").forEach(entry -> values.put(entry.key(), decoded(entry)));
    return files(values, items, mode, optional, "configmap", name);
  }

  Map<String, File> secret(String name, List<Item> items, int mode, boolean optional)
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

  Map<String, File> downward(List<Item> items, int mode) throws VolumeException {
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
