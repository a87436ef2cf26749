package dev.wherry.agent.device;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Devices of the host that pods ask for by one name, as an extended resource.
 *
 * @param name such as {@code example.com/serial}
 * @param paths of device nodes, {@code *}, {@code ?} and {@code [a-z]} in their last steps
 * @param usb {@code vendor:product} in hexadecimal, as lsusb(8) prints them
 * @param permissions of {@code r}, {@code w} and {@code m}
 * @param sharers how many containers may have one device at a time
 */
public record DeviceClass(
    String name, List<String> paths, List<String> usb, String permissions, int sharers) {
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  private static final Pattern USB = Pattern.compile("[0-9a-f]{4}:[0-9a-f]{4}");
  private static final Pattern PERMISSIONS = Pattern.compile("r?w?m?");
  private static final List<String> MEMBERS =
      List.of("name", "paths", "usb", "permissions", "sharers");
  private static final int MAX_SHARERS = 1000;

  public DeviceClass {
    paths = List.copyOf(paths);
    usb = List.copyOf(usb);
    if (!NAME.matcher(name).matches() || name.startsWith("kubernetes.io/")) {
      throw new IllegalArgumentException(
          "a device's name must be like example.com/serial, not \"" + name + "\"");
    }
    if (paths.isEmpty() && usb.isEmpty()) {
      throw new IllegalArgumentException("device " + name + " needs paths or usb");
    }
    for (String each : paths) {
      if (!each.startsWith("/") || each.contains("/../")) {
        throw new IllegalArgumentException(
            "device " + name + ": a path must be absolute, not \"" + each + "\"");
      }
    }
    for (String each : usb) {
      if (!USB.matcher(each).matches()) {
        throw new IllegalArgumentException(
            "device " + name + ": usb must be like 1a86:7523, not \"" + each + "\"");
      }
    }
    if (permissions.isEmpty() || !PERMISSIONS.matcher(permissions).matches()) {
      throw new IllegalArgumentException(
          "device " + name + ": permissions must be of r, w and m, not \"" + permissions + "\"");
    }
    if (sharers < 1 || sharers > MAX_SHARERS) {
      throw new IllegalArgumentException(
          "device " + name + ": sharers must be between 1 and " + MAX_SHARERS);
    }
  }

  /**
   * As the configuration has them.
   *
   * @throws IllegalArgumentException with words for a user
   */
  public static List<DeviceClass> parse(List<Obj> configured) {
    List<DeviceClass> classes = new ArrayList<>();
    for (Obj each : configured) {
      for (Obj.Entry member : each) {
        if (!MEMBERS.contains(member.key())) {
          throw new IllegalArgumentException(
              "a device has " + String.join(", ", MEMBERS) + ", not \"" + member.key() + "\"");
        }
      }
      String name = each.string("name");
      if (classes.stream().anyMatch(other -> other.name.equals(name))) {
        throw new IllegalArgumentException("device " + name + " stands there twice");
      }
      classes.add(
          new DeviceClass(
              name,
              each.strings("paths"),
              each.strings("usb").stream().map(String::toLowerCase).toList(),
              each.string("permissions", "rw"),
              each.has("sharers")
                  ? Math.toIntExact(Quantity.of(each.get("sharers").orElse(1L)).wholeCeiling())
                  : 1));
    }
    return List.copyOf(classes);
  }
}
