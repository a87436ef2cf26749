package dev.wherry.agent.device.plugin;

import dev.wherry.agent.device.DeviceGrant;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The devices of one resource and who has which. A container keeps what it was given until its pod
 * is gone; what an init container had, the pod's later containers get first. Not thread-safe.
 */
final class PluginResource {
  private final String name;
  private Map<String, Boolean> healthy = Map.of();
  private final Map<PodUid, Map<String, Given>> given = new HashMap<>();

  /**
   * @param ids of devices
   * @param grant what the plugin answered for them
   */
  record Given(List<String> ids, DeviceGrant grant) {
    Given {
      ids = List.copyOf(ids);
    }
  }

  /**
   * What there is to choose from.
   *
   * @param first devices that the pod has already and that are to be used again
   * @param free others that nobody has
   * @param count how many are wanted
   */
  record Choice(List<String> first, List<String> free, int count) {
    /** All of the choice's. */
    List<String> available() {
      List<String> all = new ArrayList<>(first);
      all.addAll(free);
      return all;
    }

    /** The devices, with those that the plugin would rather see before others. */
    List<String> prefer(List<String> preferred) {
      Set<String> chosen = new LinkedHashSet<>(first.subList(0, Math.min(count, first.size())));
      List<String> candidates = new ArrayList<>(preferred);
      candidates.retainAll(new HashSet<>(available()));
      candidates.addAll(free);
      for (String each : candidates) {
        if (chosen.size() < count) {
          chosen.add(each);
        }
      }
      return List.copyOf(chosen);
    }
  }

  PluginResource(String name) {
    this.name = name;
  }

  /** Takes what the plugin lists: whether each device works, by id. Whether anything changed. */
  boolean listed(Map<String, Boolean> now) {
    boolean changed = !healthy.equals(now);
    healthy = new TreeMap<>(now);
    return changed;
  }

  /** The plugin is gone: nobody knows whether a device works. */
  void lost() {
    Map<String, Boolean> unknown = new TreeMap<>();
    healthy.keySet().forEach(id -> unknown.put(id, false));
    healthy = unknown;
  }

  long all() {
    return healthy.size();
  }

  long usable() {
    return healthy.values().stream().filter(each -> each).count();
  }

  Optional<Given> of(PodUid pod, String container) {
    return Optional.ofNullable(given.getOrDefault(pod, Map.of()).get(container));
  }

  /**
   * @throws IOException with kubelet's words when there are too few
   */
  Choice choose(PodView pod, int count) throws IOException {
    List<String> first = new ArrayList<>();
    Map<String, Given> ofPod = given.getOrDefault(pod.uid(), Map.of());
    for (ContainerView init : pod.initContainers()) {
      Given had = ofPod.get(init.name());
      if (had != null && !init.isSidecar()) {
        had.ids().stream().filter(id -> !first.contains(id)).forEach(first::add);
      }
    }
    pod.containers().forEach(each -> removeHeld(first, ofPod.get(each.name())));
    first.removeIf(id -> !healthy.getOrDefault(id, false));
    Set<String> held = new HashSet<>();
    given.values().forEach(all -> all.values().forEach(each -> held.addAll(each.ids())));
    List<String> free =
        healthy.entrySet().stream()
            .filter(Map.Entry::getValue)
            .map(Map.Entry::getKey)
            .filter(id -> !held.contains(id))
            .toList();
    int available = first.size() + free.size();
    if (available < count) {
      throw new IOException(
          "Allocate failed due to requested number of devices unavailable for "
              + name
              + ". Requested: "
              + count
              + ", Available: "
              + available
              + ", which is unexpected");
    }
    return new Choice(List.copyOf(first), free, count);
  }

  private static void removeHeld(List<String> ids, @Nullable Given held) {
    if (held != null) {
      ids.removeAll(held.ids());
    }
  }

  void give(PodUid pod, String container, Given what) {
    given.computeIfAbsent(pod, _ -> new TreeMap<>()).put(container, what);
  }

  /** Whether the pod had any. */
  boolean release(PodUid pod) {
    return given.remove(pod) != null;
  }

  /** Who has what, as it is remembered. */
  Obj toTree() {
    Map<String, Obj> pods = new TreeMap<>();
    given.forEach(
        (pod, containers) -> {
          Map<String, Obj> byName = new TreeMap<>();
          containers.forEach(
              (container, had) ->
                  byName.put(container, had.grant().toTree().with("ids", had.ids())));
          pods.put(pod.text(), Obj.of(byName));
        });
    return Obj.of(pods);
  }

  /** What {@link #toTree} made. */
  void recall(Obj tree) {
    for (Obj.Entry pod : tree) {
      Obj containers = tree.obj(pod.key());
      for (Obj.Entry container : containers) {
        Obj had = containers.obj(container.key());
        give(
            new PodUid(pod.key()),
            container.key(),
            new Given(had.strings("ids"), DeviceGrant.of(had)));
      }
    }
  }
}
