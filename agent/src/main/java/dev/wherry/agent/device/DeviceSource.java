package dev.wherry.agent.device;

import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.util.Map;

/** What gives containers the devices that they ask for as extended resources. Thread-safe. */
public interface DeviceSource extends AutoCloseable {

  /**
   * How many devices there are.
   *
   * @param usable those of them that work
   */
  record Amount(long all, long usable) {}

  /** By resource; 0 of what was there and is no longer. */
  Map<String, Amount> amounts();

  /**
   * What the container is given before it starts; the same again for one that starts again.
   *
   * @throws IOException with kubelet's words when there is too little
   */
  DeviceGrant give(PodView pod, ContainerView container) throws IOException, InterruptedException;

  /** Takes back what a pod had. */
  void release(PodUid pod) throws IOException;

  @Override
  void close();
}
