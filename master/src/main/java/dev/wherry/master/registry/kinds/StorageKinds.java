package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.Labels;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What drivers of storage say of themselves and of their volumes. */
final class StorageKinds {
  private static final String GROUP = "storage.k8s.io";
  private static final long MIN_TOKEN_SECONDS = 600;

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of(GROUP, "v1", "CSIDriver", "csidrivers")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  flag("AttachRequired", "attachRequired"),
                  flag("PodInfoOnMount", "podInfoOnMount"),
                  flag("StorageCapacity", "storageCapacity"),
                  Column.text("TokenRequests", (of, _) -> audiences(of)),
                  flag("RequiresRepublish", "requiresRepublish"),
                  Column.text(
                      "Modes",
                      (of, _) ->
                          Cells.orNone(
                              String.join(",", of.obj("spec").strings("volumeLifecycleModes")))),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withDefaults(driver -> driver.change("spec", StorageKinds::driver))
                      .withCheck(StorageKinds::checkDriver)
                      .withFixed("spec.attachRequired", "spec.volumeLifecycleModes")
                      .withUpdating(Updating.COUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "CSINode", "csinodes")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.number("Drivers", (of, _) -> (long) of.obj("spec").list("drivers").size()),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withCheck(StorageKinds::checkNode)
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "CSIStorageCapacity", "csistoragecapacities")
              .columns(
                  Column.NAME,
                  Column.text("StorageClassName", (of, _) -> of.string("storageClassName")),
                  Column.text("Capacity", (of, _) -> Cells.orUnset(of.string("capacity"))))
              .strategy(
                  Rules.NONE
                      .withCheck(StorageKinds::checkCapacity)
                      .withFixed("nodeTopology", "storageClassName")
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "VolumeAttachment", "volumeattachments")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text("Attacher", (of, _) -> of.obj("spec").string("attacher")),
                  Column.text(
                      "PV", (of, _) -> of.at("spec", "source").string("persistentVolumeName")),
                  Column.text("Node", (of, _) -> of.obj("spec").string("nodeName")),
                  Column.text(
                      "Attached", (of, _) -> Boolean.toString(of.obj("status").flag("attached"))),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withCheck(StorageKinds::checkAttachment)
                      .withFixed("spec")
                      .withStatusCheck(
                          (updated, _, causes) -> StatusChecks.attachment(updated, causes))
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "VolumeAttributesClass", "volumeattributesclasses")
              .shortNames("vac")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("DriverName", (of, _) -> of.string("driverName")),
                  Column.AGE)
              .strategy(new AttributesClass())
              .build());

  private StorageKinds() {}

  private static Column flag(String name, String key) {
    return Column.text(
        name,
        (of, _) ->
            of.obj("spec").has(key) ? Boolean.toString(of.obj("spec").flag(key)) : Cells.UNSET);
  }

  private static String audiences(Obj driver) {
    List<String> audiences =
        driver.obj("spec").objs("tokenRequests").stream()
            .map(request -> request.string("audience"))
            .toList();
    return Cells.orUnset(String.join(",", audiences));
  }

  private static Obj driver(Obj given) {
    Obj spec = put(given, "attachRequired", true);
    spec = put(spec, "podInfoOnMount", false);
    spec = put(spec, "storageCapacity", false);
    spec = putText(spec, "fsGroupPolicy", "ReadWriteOnceWithFSType");
    if (spec.list("volumeLifecycleModes").isEmpty()) {
      spec = spec.with("volumeLifecycleModes", List.of("Persistent"));
    }
    return put(put(spec, "requiresRepublish", false), "seLinuxMount", false);
  }

  private static void checkDriver(Obj driver, Causes causes) {
    VolumeSourceChecks.driverName(driver.obj("metadata").string("name"), "metadata.name", causes);
    Obj spec = driver.obj("spec");
    Checks.oneOf(
        spec, "fsGroupPolicy", "spec", List.of("File", "None", "ReadWriteOnceWithFSType"), causes);
    List<String> modes = List.of("Ephemeral", "Persistent");
    for (String mode : spec.strings("volumeLifecycleModes")) {
      if (!modes.contains(mode)) {
        causes.notSupported("spec.volumeLifecycleModes", mode, modes);
      }
    }
    Set<String> audiences = new HashSet<>();
    List<Obj> requests = spec.objs("tokenRequests");
    for (int i = 0; i < requests.size(); i++) {
      String path = "spec.tokenRequests[" + i + "]";
      String audience = requests.get(i).string("audience");
      if (!audiences.add(audience)) {
        causes.duplicate(path + ".audience", audience);
      }
      long seconds = requests.get(i).number("expirationSeconds", MIN_TOKEN_SECONDS);
      if (seconds < MIN_TOKEN_SECONDS) {
        causes.invalid(
            path + ".expirationSeconds",
            seconds,
            "may not specify a duration less than 10 minutes");
      }
    }
  }

  private static void checkNode(Obj node, Causes causes) {
    Set<String> names = new HashSet<>();
    List<Obj> drivers = node.obj("spec").objs("drivers");
    for (int i = 0; i < drivers.size(); i++) {
      Obj driver = drivers.get(i);
      String path = "spec.drivers[" + i + "]";
      Checks.required(driver, path, causes, "name", "nodeID");
      String name = driver.string("name");
      if (!name.isEmpty()) {
        VolumeSourceChecks.driverName(name, path + ".name", causes);
        if (!names.add(name)) {
          causes.duplicate(path + ".name", name);
        }
      }
      Checks.notNegative(driver.obj("allocatable"), "count", path + ".allocatable", causes);
      Set<String> keys = new HashSet<>();
      for (String key : driver.strings("topologyKeys")) {
        Labels.checkQualifiedName(key, path, causes);
        if (!keys.add(key)) {
          causes.duplicate(path + ".topologyKeys", key);
        }
      }
    }
  }

  private static void checkCapacity(Obj capacity, Causes causes) {
    if (capacity.string("storageClassName").isEmpty()) {
      causes.required("storageClassName", "");
    }
    Labels.checkSelector(capacity.obj("nodeTopology"), "nodeTopology", causes);
    for (String key : List.of("capacity", "maximumVolumeSize")) {
      capacity
          .get(key)
          .ifPresent(
              value -> {
                Optional<Quantity> _ = Checks.quantity(value, key, causes);
              });
    }
  }

  private static void checkAttachment(Obj attachment, Causes causes) {
    Obj spec = attachment.obj("spec");
    Checks.required(spec, "spec", causes, "attacher", "nodeName");
    Obj source = spec.obj("source");
    boolean inline = source.has("inlineVolumeSpec");
    if (source.string("persistentVolumeName").isEmpty()) {
      if (!inline) {
        causes.required(
            "spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
      }
    } else if (inline) {
      causes.forbidden(
          "spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName");
    }
  }

  /** What of volumes may change while they are used. */
  private static final class AttributesClass implements Strategy {
    @Override
    public void check(Obj type, Causes causes) {
      if (type.string("driverName").isEmpty()) {
        causes.required("driverName", "");
      } else {
        VolumeSourceChecks.driverName(type.string("driverName"), "driverName", causes);
      }
      if (type.obj("parameters").isEmpty()) {
        causes.required("parameters", "must contain at least one key/value pair");
      }
    }

    @Override
    public void checkUpdate(Obj updated, Obj existing, Causes causes) {
      for (String key : List.of("driverName", "parameters")) {
        if (!updated.get(key).equals(existing.get(key))) {
          causes.forbidden(key, "updates to " + key + " are forbidden.");
        }
      }
    }
  }
}
