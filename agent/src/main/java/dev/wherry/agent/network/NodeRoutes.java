package dev.wherry.agent.network;

import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The IPv4 routes of the calling thread's network namespace, at one moment. Read from {@code
 * /proc/net}, never from {@code /sys}, which shows the namespace of whoever mounted it.
 */
record NodeRoutes(List<Route> routes) {
  private static final Path ROUTES = Path.of("/proc/thread-self/net/route");
  private static final Path DEVICES = Path.of("/proc/thread-self/net/dev");
  private static final int DEFAULT_MTU = 1500;

  /** One route; the destination is its 32 bits, first octet highest. */
  record Route(String device, int destination, int mask) {}

  static NodeRoutes read() throws IOException {
    return parse(Files.readAllLines(ROUTES));
  }

  static NodeRoutes parse(List<String> lines) {
    return new NodeRoutes(
        lines.stream()
            .skip(1)
            .map(line -> line.trim().split("\\s+"))
            .filter(fields -> fields.length >= 8)
            .map(fields -> new Route(fields[0], bits(fields[1]), bits(fields[7])))
            .toList());
  }

  /** The file has them in the machine's byte order, and every machine that we run on is little. */
  private static int bits(String hex) {
    return Integer.reverseBytes(Integer.parseUnsignedInt(hex, 16));
  }

  boolean hasHostRoute(Ip address, String device) {
    return routes.contains(new Route(device, address.lowBits(), -1));
  }

  /** Whether there is a network interface of this name, with an address or without. */
  static boolean hasDevice(String name) throws IOException {
    return Files.readAllLines(DEVICES).stream()
        .anyMatch(line -> line.stripLeading().startsWith(name + ":"));
  }

  /** Whether something leads out of this node when nothing more special does. */
  boolean hasDefault() {
    return defaultDevice().isPresent();
  }

  Optional<String> defaultDevice() {
    return routes.stream().filter(route -> route.mask() == 0).map(Route::device).findFirst();
  }

  /** What fits through the node's default route unfragmented, in bytes. */
  int uplinkMtu() throws SocketException {
    Optional<String> device = defaultDevice();
    NetworkInterface uplink = device.isPresent() ? NetworkInterface.getByName(device.get()) : null;
    return uplink == null || uplink.getMTU() <= 0 ? DEFAULT_MTU : uplink.getMTU();
  }
}
