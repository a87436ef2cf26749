package dev.wherry.agent.device;

import dev.wherry.agent.device.DeviceScan.Found;
import dev.wherry.agent.pod.PodRequirements;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who has which devices of one class. A pod keeps what it was given until it is gone, whichever of
 * its containers restart; init containers get of what the others get later. Not thread-safe.
 */
final class DevicePool {
  private final DeviceClass kind;
  private Map<String, Found> plugged = Map.of();
  private final Map<PodUid, List<Found>> given = new HashMap<>();

  DevicePool(DeviceClass kind) {
    this.kind = kind;
  }

  DeviceClass kind() {
    return kind;
  }

  /** Whether something was plugged or unplugged. */
  boolean found(List<Found> now) {
    Map<String, Found> byId = new LinkedHashMap<>();
    now.forEach(each -> byId.put(each.id(), each));
    boolean changed = !byId.equals(plugged);
    plugged = byId;
    return changed;
  }

  long capacity() {
    return (long) plugged.size() * kind.sharers();
  }

  /**
   * What the container gets; the pod's devices are chosen with the first of its containers, those
   * with the fewest sharers first. In the place of what was unplugged since it gets another.
   *
   * @return empty where there are too few
   */
  Optional<List<Found>> give(PodView pod, ContainerView container) {
    int wanted = Math.toIntExact(PodRequirements.of(pod).request(kind.name()));
    int from = offset(pod, container);
    int to = from + asked(container);
    List<Found> has = new ArrayList<>(given.getOrDefault(pod.uid(), List.of()));
    List<Found> fresh = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      boolean isNew = i >= has.size();
      if (isNew || i >= from && i < to && !plugged.containsKey(has.get(i).id())) {
        Optional<Found> next = leastShared(fresh);
        if (next.isEmpty()) {
          return Optional.empty();
        }
        fresh.add(next.get());
        if (isNew) {
          has.add(next.get());
        } else {
          has.set(i, next.get());
        }
      }
    }
    given.put(pod.uid(), List.copyOf(has));
    // By its id: one that was plugged in again may have other nodes.
    return Optional.of(
        has.subList(from, to).stream().map(each -> plugged.getOrDefault(each.id(), each)).toList());
  }

  private Optional<Found> leastShared(List<Found> also) {
    Map<String, Integer> sharers = new HashMap<>();
    given.values().forEach(all -> all.forEach(each -> sharers.merge(each.id(), 1, Integer::sum)));
    also.forEach(each -> sharers.merge(each.id(), 1, Integer::sum));
    return plugged.values().stream()
        .filter(each -> sharers.getOrDefault(each.id(), 0) < kind.sharers())
        .min(Comparator.comparingInt(each -> sharers.getOrDefault(each.id(), 0)));
  }

  /** Containers that run beside each other have parts of their own. */
  private int offset(PodView pod, ContainerView container) {
    int offset = 0;
    for (ContainerView each : pod.initContainers()) {
      if (each.name().equals(container.name())) {
        return offset;
      }
      offset += each.isSidecar() ? asked(each) : 0;
    }
    for (ContainerView each : pod.containers()) {
      if (each.name().equals(container.name())) {
        return offset;
      }
      offset += asked(each);
    }
    return offset;
  }

  private int asked(ContainerView container) {
    return Math.toIntExact(container.limits().amounts().getOrDefault(kind.name(), 0L));
  }

  /** Of pods that an agent before this one started. */
  void restore(PodUid pod, List<String> ids) {
    List<Found> has = new ArrayList<>();
    for (String each : ids) {
      has.add(plugged.getOrDefault(each, new Found(each, List.of())));
    }
    given.put(pod, List.copyOf(has));
  }

  /** Whether the pod had any. */
  boolean release(PodUid pod) {
    return given.remove(pod) != null;
  }

  Map<PodUid, List<String>> given() {
    Map<PodUid, List<String>> ids = new HashMap<>();
    given.forEach((pod, all) -> ids.put(pod, all.stream().map(Found::id).toList()));
    return ids;
  }
}
