package dev.wherry.agent.device;

import dev.wherry.agent.device.DeviceScan.Found;
import dev.wherry.agent.runtime.ContainerSpec.Device;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The host's devices that pods can be given, by configuration. What is plugged in or out is seen
 * within {@value #PERIOD_SECONDS} seconds; who has what is remembered in a file, so that an agent
 * that starts anew gives nothing away twice. Without a configuration nothing runs. Thread-safe.
 */
public final class HostDevices implements DeviceSource {
  private static final Logger LOG = LoggerFactory.getLogger(HostDevices.class);
  private static final int PERIOD_SECONDS = 5;

  private final List<DevicePool> pools;
  private final DeviceScan scan;
  private final MemoryFile memory;
  private final Runnable changed;
  private final CountDownLatch end = new CountDownLatch(1);

  private HostDevices(List<DevicePool> pools, DeviceScan scan, Path memory, Runnable changed) {
    this.pools = pools;
    this.scan = scan;
    this.memory = new MemoryFile(memory);
    this.changed = changed;
  }

  /**
   * Looks what is there, and who has it.
   *
   * @param memory file that remembers it; best on a tmpfs, as containers do not outlive a reboot
   * @param changed told when there is more or less of something; must not block
   */
  public static HostDevices open(
      List<DeviceClass> classes, DeviceScan scan, Path memory, Runnable changed)
      throws IOException {
    List<DevicePool> pools = classes.stream().map(DevicePool::new).toList();
    HostDevices devices = new HostDevices(pools, scan, memory, changed);
    if (!pools.isEmpty()) {
      devices.look();
      devices.recall();
      Thread.ofVirtual().name("devices").start(devices::run);
    }
    return devices;
  }

  private void run() {
    try {
      while (!end.await(PERIOD_SECONDS, TimeUnit.SECONDS)) {
        try {
          if (look()) {
            changed.run();
          }
        } catch (IOException e) {
          LOG.warn("cannot look for devices: {}", e.toString());
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean look() throws IOException {
    boolean any = false;
    for (DevicePool each : pools) {
      List<Found> found = scan.scan(each.kind());
      if (each.found(found)) {
        LOG.info("{}: {} devices", each.kind().name(), found.size());
        any = true;
      }
    }
    return any;
  }

  @Override
  public synchronized Map<String, Amount> amounts() {
    Map<String, Amount> amounts = new HashMap<>();
    pools.forEach(
        each -> amounts.put(each.kind().name(), new Amount(each.capacity(), each.capacity())));
    return amounts;
  }

  @Override
  public synchronized DeviceGrant give(PodView pod, ContainerView container) throws IOException {
    List<Device> devices = new ArrayList<>();
    boolean any = false;
    for (DevicePool pool : pools) {
      String name = pool.kind().name();
      if (container.limits().get(name).isEmpty()) {
        continue;
      }
      any = true;
      List<Found> given =
          pool.give(pod, container)
              .orElseThrow(
                  () ->
                      new IOException(
                          "Allocate failed due to requested number of devices unavailable for "
                              + name
                              + ", which is unexpected"));
      for (Found each : given) {
        for (String node : each.nodes()) {
          devices.add(new Device(Path.of(node), node, pool.kind().permissions()));
        }
      }
    }
    if (any) {
      remember();
    }
    return new DeviceGrant(Map.of(), List.of(), devices.stream().distinct().toList());
  }

  @Override
  public synchronized void release(PodUid pod) throws IOException {
    boolean any = false;
    for (DevicePool each : pools) {
      any |= each.release(pod);
    }
    if (any) {
      remember();
    }
  }

  private void remember() throws IOException {
    Map<String, Map<String, List<String>>> all = new HashMap<>();
    for (DevicePool each : pools) {
      Map<String, List<String>> byPod = new HashMap<>();
      each.given().forEach((pod, ids) -> byPod.put(pod.text(), ids));
      all.put(each.kind().name(), byPod);
    }
    memory.write(Obj.of(all));
  }

  private synchronized void recall() throws IOException {
    Obj all = memory.read();
    for (DevicePool pool : pools) {
      Obj byPod = all.obj(pool.kind().name());
      for (Obj.Entry each : byPod) {
        pool.restore(new PodUid(each.key()), byPod.strings(each.key()));
      }
    }
  }

  @Override
  public void close() {
    end.countDown();
  }
}
