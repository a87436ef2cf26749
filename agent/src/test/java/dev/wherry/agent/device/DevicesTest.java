package dev.wherry.agent.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.device.DeviceScan.Found;
import dev.wherry.agent.runtime.ContainerSpec.Device;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Devices of the host: which are there, and who gets which. */
class DevicesTest {
  @TempDir Path root;

  private void node(String path) throws Exception {
    Path file = root.resolve(path.substring(1));
    Files.createDirectories(file.getParent());
    Process made = new ProcessBuilder("mknod", file.toString(), "c", "1", "3").start();
    assertThat(made.waitFor()).isZero();
  }

  private void file(String path, String text) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text + "\n");
  }

  private static DeviceClass serial(int sharers) {
    return new DeviceClass(
        "example.com/serial", List.of("/dev/ttyS*"), List.of("1a86:7523"), "rw", sharers);
  }

  @Test
  void findsNodesByTheirPaths() throws Exception {
    node("/dev/ttyS0");
    node("/dev/ttyS1");
    node("/dev/null");
    file("dev/ttySomething", "a file is no device");
    assertThat(new DeviceScan(root).scan(serial(1)))
        .containsExactly(
            new Found("/dev/ttyS0", List.of("/dev/ttyS0")),
            new Found("/dev/ttyS1", List.of("/dev/ttyS1")));
  }

  @Test
  void findsAllNodesOfAUsbDeviceButNotThoseBehindIt() throws Exception {
    String hub = "sys/devices/usb1/1-1";
    file(hub + "/idVendor", "1a86");
    file(hub + "/idProduct", "7523");
    file(hub + "/uevent", "DEVNAME=bus/usb/001/004");
    file(hub + "/1-1:1.0/ttyUSB0/tty/ttyUSB0/uevent", "MAJOR=188\nDEVNAME=ttyUSB0");
    file(hub + "/1-1.2/idVendor", "ffff");
    file(hub + "/1-1.2/idProduct", "0001");
    file(hub + "/1-1.2/uevent", "DEVNAME=bus/usb/001/005");
    Path bus = Files.createDirectories(root.resolve("sys/bus/usb/devices"));
    Files.createSymbolicLink(bus.resolve("1-1"), root.resolve(hub));
    Files.createSymbolicLink(bus.resolve("1-1.2"), root.resolve(hub + "/1-1.2"));
    assertThat(new DeviceScan(root).scan(serial(1)))
        .containsExactly(new Found("usb-1-1", List.of("/dev/bus/usb/001/004", "/dev/ttyUSB0")));
  }

  private static PodView pod(String uid, int first, int second) {
    return new PodView(
        Json.read(
            """
            {"metadata":{"name":"p","uid":"%s"},"spec":{"containers":[
              {"name":"a","resources":{"limits":{"example.com/serial":"%d"}}},
              {"name":"b","resources":{"limits":{"example.com/serial":"%d"}}}]}}
            """
                .formatted(uid, first, second)));
  }

  private static List<Device> give(HostDevices devices, PodView pod, int container)
      throws IOException {
    return devices.give(pod, pod.containers().get(container)).devices();
  }

  @Test
  void remembersWhoHasWhat() throws Exception {
    node("/dev/ttyS0");
    node("/dev/ttyS1");
    Path memory = root.resolve("devices.json");
    PodView one = pod("one", 1, 0);
    PodView other = pod("other", 1, 0);
    try (HostDevices devices = open(memory)) {
      assertThat(devices.amounts())
          .containsEntry("example.com/serial", new DeviceSource.Amount(2, 2));
      List<Device> first = give(devices, one, 0);
      assertThat(first).containsExactly(new Device(Path.of("/dev/ttyS0"), "/dev/ttyS0", "rw"));
      assertThat(give(devices, one, 0)).isEqualTo(first);
      assertThat(give(devices, other, 0)).isNotEqualTo(first);
    }
    try (HostDevices next = open(memory)) {
      assertThatThrownBy(() -> give(next, pod("third", 1, 0), 0))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("requested number of devices unavailable for example.com/serial");
      next.release(new PodUid("one"));
      assertThat(give(next, pod("third", 1, 0), 0))
          .containsExactly(new Device(Path.of("/dev/ttyS0"), "/dev/ttyS0", "rw"));
    }
  }

  private HostDevices open(Path memory) throws IOException {
    return HostDevices.open(List.of(serial(1)), new DeviceScan(root), memory, () -> {});
  }

  @Test
  void givesAnotherForWhatWasUnplugged() {
    DevicePool pool = new DevicePool(serial(1));
    PodView pod = pod("one", 1, 1);
    pool.found(List.of(found("usb-1", "/dev/ttyUSB0"), found("usb-2", "/dev/ttyUSB1")));
    assertThat(pool.give(pod, pod.containers().get(0)).orElseThrow())
        .containsExactly(found("usb-1", "/dev/ttyUSB0"));
    assertThat(pool.give(pod, pod.containers().get(1)).orElseThrow())
        .containsExactly(found("usb-2", "/dev/ttyUSB1"));

    pool.found(List.of(found("usb-2", "/dev/ttyUSB0")));
    assertThat(pool.give(pod, pod.containers().get(0))).as("one is left, and not its").isEmpty();
    assertThat(pool.give(pod, pod.containers().get(1)).orElseThrow())
        .as("another node of the same device")
        .containsExactly(found("usb-2", "/dev/ttyUSB0"));

    pool.found(List.of(found("usb-2", "/dev/ttyUSB0"), found("usb-3", "/dev/ttyUSB1")));
    assertThat(pool.give(pod, pod.containers().get(0)).orElseThrow())
        .containsExactly(found("usb-3", "/dev/ttyUSB1"));
  }

  private static Found found(String id, String node) {
    return new Found(id, List.of(node));
  }

  @Test
  void neverGivesADeviceToMoreThanMayShareIt() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int round = 0; round < 200; round++) {
      DeviceClass kind = serial(1 + random.nextInt(3));
      DevicePool pool = new DevicePool(kind);
      List<Found> plugged = new ArrayList<>();
      for (int i = 0; i < 1 + random.nextInt(4); i++) {
        plugged.add(new Found("d" + i, List.of("/dev/d" + i)));
      }
      pool.found(plugged);
      Set<String> pods = new HashSet<>();
      for (int step = 0; step < 30; step++) {
        String uid = "p" + random.nextInt(6);
        if (random.nextInt(3) == 0) {
          pool.release(new PodUid(uid));
          pods.remove(uid);
        } else if (!pods.contains(uid)) {
          PodView pod = pod(uid, 1 + random.nextInt(2), random.nextInt(2));
          boolean given = pool.give(pod, pod.containers().get(0)).isPresent();
          if (given) {
            pods.add(uid);
          }
          long free = pool.capacity() - total(pool);
          assertThat(given || free < 3).as("seed %d", seed).isTrue();
        }
        Map<String, Integer> sharers = new HashMap<>();
        pool.given().values().forEach(ids -> ids.forEach(id -> sharers.merge(id, 1, Integer::sum)));
        assertThat(sharers.values())
            .as("seed %d", seed)
            .allSatisfy(count -> assertThat(count).isLessThanOrEqualTo(kind.sharers()));
      }
    }
  }

  private static long total(DevicePool pool) {
    return pool.given().values().stream().mapToLong(List::size).sum();
  }

  @Test
  void givesContainersOfAPodPartsOfTheirOwn() {
    DevicePool pool = new DevicePool(serial(1));
    pool.found(
        List.of(
            new Found("a", List.of("/dev/a")),
            new Found("b", List.of("/dev/b")),
            new Found("c", List.of("/dev/c"))));
    PodView pod = pod("p", 1, 2);
    List<Found> first = pool.give(pod, pod.containers().get(0)).orElseThrow();
    List<Found> second = pool.give(pod, pod.containers().get(1)).orElseThrow();
    assertThat(first).hasSize(1);
    assertThat(second).hasSize(2).doesNotContainAnyElementsOf(first);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"name":"serial","paths":["/dev/x"]} | a device's name must be like example.com/serial, not "serial"
          {"name":"a.b/c"} | device a.b/c needs paths or usb
          {"name":"a.b/c","paths":["dev/x"]} | device a.b/c: a path must be absolute, not "dev/x"
          {"name":"a.b/c","usb":["1a86"]} | device a.b/c: usb must be like 1a86:7523, not "1a86"
          {"name":"a.b/c","paths":["/dev/x"],"permissions":"rx"} | device a.b/c: permissions must be of r, w and m, not "rx"
          {"name":"a.b/c","paths":["/dev/x"],"sharers":0} | device a.b/c: sharers must be between 1 and 1000
          {"name":"a.b/c","path":"/dev/x"} | a device has name, paths, usb, permissions, sharers, not "path"
          """)
  void saysWhatIsWrongInTheConfiguration(String device, String words) {
    assertThatThrownBy(() -> DeviceClass.parse(List.of(Json.read(device))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(words);
  }
}
