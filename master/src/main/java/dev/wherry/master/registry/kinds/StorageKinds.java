package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.put;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.List;

/** What drivers of storage say of themselves and of their volumes. */
final class StorageKinds {
  private static final String GROUP = "storage.k8s.io";

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of(GROUP, "v1", "CSIDriver", "csidrivers")
              .returnsDeleted()
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
                      .withCheck(
                          (driver, causes) -> StorageChecks.driver(driver.obj("spec"), causes))
                      .withChangeCheck(StorageChecks::changedDriver)
                      .withUpdating(Updating.COUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "CSINode", "csinodes")
              .returnsDeleted()
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.number("Drivers", (of, _) -> (long) of.obj("spec").list("drivers").size()),
                  Column.AGE)
              .strategy(
                  Rules.NONE
                      .withCheck(StorageChecks::node)
                      .withChangeCheck(StorageChecks::changedNode)
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "CSIStorageCapacity", "csistoragecapacities")
              .columns(
                  Column.NAME,
                  Column.text("StorageClassName", (of, _) -> of.string("storageClassName")),
                  Column.text("Capacity", (of, _) -> Cells.orUnset(of.string("capacity"))))
              .strategy(
                  Rules.NONE
                      .withCheck(StorageChecks::capacity)
                      .withFixed("nodeTopology", "storageClassName")
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "VolumeAttachment", "volumeattachments")
              .returnsDeleted()
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
                      .withCheck(StorageChecks::attachment)
                      .withFixed("spec")
                      .withStatusCheck(
                          (updated, _, causes) ->
                              StorageChecks.attached(updated.obj("status"), causes))
                      .withUpdating(Updating.UNCOUNTED_BY_VERSION))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "VolumeAttributesClass", "volumeattributesclasses")
              .returnsDeleted()
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

  /** What of volumes may change while they are used. */
  private static final class AttributesClass implements Strategy {
    @Override
    public void check(Obj type, Causes causes) {
      StorageClassChecks.provisioner(type.string("driverName"), "driverName", causes);
      StorageClassChecks.parameters(type.obj("parameters"), causes);
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
