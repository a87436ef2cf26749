package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/** What schedulers and drivers say of claims of devices, in Kubernetes' words. Pure. */
final class DeviceStatusChecks {
  private static final Pattern SHARE =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final int MAX_RESERVATIONS = 256;
  private static final int MAX_RESULTS = 32;
  private static final int MAX_CONDITIONS = 8;
  private static final int MAX_DATA_BYTES = 10 * 1024;
  private static final int MAX_ADDRESSES = 16;
  private static final int MAX_INTERFACE_NAME = 256;
  private static final int MAX_HARDWARE_ADDRESS = 128;

  private DeviceStatusChecks() {}

  static void check(Obj updated, Obj existing, Causes causes) {
    Obj status = updated.obj("status");
    Obj before = existing.obj("status");
    reservations(status.objs("reservedFor"), causes);
    Obj allocation = status.obj("allocation");
    devices(status.objs("devices"), allocation, causes);
    if (!status.list("reservedFor").isEmpty()) {
      boolean leaves = updated.obj("metadata").has("deletionTimestamp");
      if (!status.has("allocation")) {
        causes.forbidden("status.reservedFor", "may not be specified when `allocated` is not set");
      } else if (leaves && !before.list("reservedFor").containsAll(status.list("reservedFor"))) {
        causes.forbidden(
            "status.reservedFor",
            "new entries may not be added while `deallocationRequested` or `deletionTimestamp`"
                + " are set");
      }
    }
    if (before.has("allocation") && status.has("allocation")) {
      Checks.immutable(status, before, "allocation", "status.allocation", causes);
    } else if (status.has("allocation")) {
      allocation(allocation, DeviceClaimChecks.names(updated.obj("spec")), causes);
    }
  }

  private static void reservations(List<Obj> consumers, Causes causes) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < consumers.size(); i++) {
      Obj consumer = consumers.get(i);
      String path = "status.reservedFor[" + i + "]";
      Checks.required(consumer, path, causes, "resource", "name", "uid");
      if (!seen.add(consumer.string("uid"))) {
        causes.duplicate(path, consumer.string("uid"));
      }
    }
    causes.ifTooMany("status.reservedFor", consumers.size(), MAX_RESERVATIONS);
  }

  private static void allocation(Obj allocation, Set<String> requests, Causes causes) {
    String path = "status.allocation";
    List<Obj> results = allocation.obj("devices").objs("results");
    for (int i = 0; i < results.size(); i++) {
      String at = path + ".devices.results[" + i + "]";
      DeviceClaimChecks.reference(
          results.get(i).string("request"), requests, at + ".request", causes);
      device(results.get(i), at, causes);
      DeviceChecks.conditions(results.get(i), at, causes);
      DeviceTaintChecks.tolerations(
          results.get(i).objs("tolerations"), at + ".tolerations", causes);
    }
    causes.ifTooMany(path + ".devices.results", results.size(), MAX_RESULTS);
    List<Obj> configurations = allocation.obj("devices").objs("config");
    for (int i = 0; i < configurations.size(); i++) {
      String at = path + ".devices.config[" + i + "]";
      Checks.oneOf(configurations.get(i), "source", at, List.of("FromClaim", "FromClass"), causes);
      DeviceClaimChecks.references(configurations.get(i), requests, at, causes);
      DeviceClaimChecks.configuration(configurations.get(i), at, causes);
    }
    causes.ifTooMany(
        path + ".devices.config", configurations.size(), 2 * DeviceClaimChecks.MAX_REQUESTS);
    if (allocation.has("nodeSelector")) {
      AffinityChecks.nodeSelector(allocation.obj("nodeSelector"), path + ".nodeSelector", causes);
    }
  }

  private static void device(Obj of, String path, Causes causes) {
    DeviceNames.driver(of.string("driver"), path + ".driver", causes);
    DeviceNames.pool(of.string("pool"), path + ".pool", causes);
    DeviceNames.device(of.string("device"), path + ".device", causes);
    if (of.has("shareID") && !SHARE.matcher(of.string("shareID")).matches()) {
      causes.invalid(
          path + ".shareID",
          of.string("shareID"),
          "uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with"
              + " lowercase hexadecimal characters");
    }
  }

  private static String id(Obj of) {
    String share = of.string("shareID");
    return of.string("driver")
        + "/"
        + of.string("pool")
        + "/"
        + of.string("device")
        + (share.isEmpty() ? "" : "/" + share);
  }

  private static void devices(List<Obj> devices, Obj allocation, Causes causes) {
    Set<String> allocated = new HashSet<>();
    allocation.obj("devices").objs("results").forEach(each -> allocated.add(id(each)));
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < devices.size(); i++) {
      Obj device = devices.get(i);
      String path = "status.devices[" + i + "]";
      device(device, path, causes);
      if (!allocated.contains(id(device))) {
        causes.invalid(path, id(device), "must be an allocated device in the claim");
      }
      if (!seen.add(id(device))) {
        causes.duplicate(path, id(device));
      }
      causes.ifTooMany(path + ".conditions", device.list("conditions").size(), MAX_CONDITIONS);
      ConditionChecks.check(device, path, causes);
      if (device.has("data")) {
        DeviceClaimChecks.raw(device, "data", path, MAX_DATA_BYTES, causes);
      }
      network(device.obj("networkData"), path + ".networkData", causes);
    }
  }

  private static void network(Obj network, String path, Causes causes) {
    causes.ifTooLong(path + ".interfaceName", network.string("interfaceName"), MAX_INTERFACE_NAME);
    causes.ifTooLong(
        path + ".hardwareAddress", network.string("hardwareAddress"), MAX_HARDWARE_ADDRESS);
    List<String> addresses = network.strings("ips");
    causes.ifTooMany(path + ".ips", addresses.size(), MAX_ADDRESSES);
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < addresses.size(); i++) {
      address(addresses.get(i), path + ".ips[" + i + "]", causes);
      if (!seen.add(addresses.get(i))) {
        causes.duplicate(path + ".ips[" + i + "]", addresses.get(i));
      }
    }
  }

  private static void address(String text, String path, Causes causes) {
    if (!Cidrs.isRange(text)) {
      causes.invalid(
          path, text, "must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)");
    }
  }
}
