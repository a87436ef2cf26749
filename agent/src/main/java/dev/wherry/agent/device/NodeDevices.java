package dev.wherry.agent.device;

import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * All of a node's sources as one.
 *
 * @param sources of two that have the same resource, the first is asked; closed by whoever made
 *     them
 */
public record NodeDevices(List<DeviceSource> sources) implements DeviceSource {
  public NodeDevices {
    sources = List.copyOf(sources);
  }

  @Override
  public Map<String, Amount> amounts() {
    Map<String, Amount> amounts = new HashMap<>();
    sources.forEach(source -> source.amounts().forEach(amounts::putIfAbsent));
    return amounts;
  }

  @Override
  public DeviceGrant give(PodView pod, ContainerView container)
      throws IOException, InterruptedException {
    DeviceGrant all = DeviceGrant.NONE;
    for (DeviceSource each : sources) {
      all = all.plus(each.give(pod, container));
    }
    return all;
  }

  @Override
  public void release(PodUid pod) throws IOException {
    for (DeviceSource each : sources) {
      each.release(pod);
    }
  }

  @Override
  public void close() {
    // The sources are closed by whoever made them.
  }
}
