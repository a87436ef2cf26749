package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import java.util.List;

/** Kinds that are stored and served as their schema has them, with nothing else particular. */
final class StoredKinds {
  private static final String STORAGE = "storage.k8s.io";
  private static final String NETWORKING = "networking.k8s.io";
  private static final String FLOW = "flowcontrol.apiserver.k8s.io";
  private static final String RESOURCE = "resource.k8s.io";

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of("", "v1", "PodTemplate", "podtemplates")
              .columns(
                  Column.NAME,
                  Column.text(
                      "Pod Labels",
                      (of, _) -> Cells.labels(of.at("template", "metadata").stringMap("labels"))))
              .build(),
          ResourceDefinition.of(NETWORKING, "v1", "IngressClass", "ingressclasses")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("Controller", (of, _) -> of.obj("spec").string("controller")),
                  Column.text("Parameters", (of, _) -> parameters(of.at("spec", "parameters"))),
                  Column.AGE)
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(NETWORKING, "v1", "IPAddress", "ipaddresses")
              .shortNames("ip")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("ParentRef", (of, _) -> parent(of.at("spec", "parentRef"))))
              .build(),
          ResourceDefinition.of(NETWORKING, "v1", "ServiceCIDR", "servicecidrs")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text(
                      "CIDRs", (of, _) -> String.join(",", of.obj("spec").strings("cidrs"))),
                  Column.AGE)
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(STORAGE, "v1", "CSIDriver", "csidrivers")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("AttachRequired", (of, _) -> flag(of, "attachRequired")),
                  Column.text("PodInfoOnMount", (of, _) -> flag(of, "podInfoOnMount")),
                  Column.text("StorageCapacity", (of, _) -> flag(of, "storageCapacity")),
                  Column.AGE)
              .build(),
          ResourceDefinition.of(STORAGE, "v1", "CSINode", "csinodes")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.number("Drivers", (of, _) -> (long) of.obj("spec").list("drivers").size()),
                  Column.AGE)
              .build(),
          ResourceDefinition.of(STORAGE, "v1", "CSIStorageCapacity", "csistoragecapacities")
              .columns(
                  Column.NAME,
                  Column.text("StorageClassName", (of, _) -> of.string("storageClassName")),
                  Column.text("Capacity", (of, _) -> of.string("capacity")))
              .build(),
          ResourceDefinition.of(STORAGE, "v1", "VolumeAttachment", "volumeattachments")
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
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(STORAGE, "v1", "VolumeAttributesClass", "volumeattributesclasses")
              .shortNames("vac")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("DriverName", (of, _) -> of.string("driverName")),
                  Column.AGE)
              .build(),
          ResourceDefinition.of("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses")
              .clusterScoped()
              .columns(
                  Column.NAME, Column.text("Handler", (of, _) -> of.string("handler")), Column.AGE)
              .build(),
          ResourceDefinition.of(FLOW, "v1", "FlowSchema", "flowschemas")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text(
                      "PriorityLevel",
                      (of, _) -> of.at("spec", "priorityLevelConfiguration").string("name")),
                  Column.number(
                      "MatchingPrecedence",
                      (of, _) -> of.obj("spec").number("matchingPrecedence", 0)),
                  Column.AGE)
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(
                  FLOW, "v1", "PriorityLevelConfiguration", "prioritylevelconfigurations")
              .clusterScoped()
              .withStatus()
              .columns(
                  Column.NAME,
                  Column.text("Type", (of, _) -> of.obj("spec").string("type")),
                  Column.AGE)
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(RESOURCE, "v1", "DeviceClass", "deviceclasses")
              .clusterScoped()
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(RESOURCE, "v1", "ResourceClaim", "resourceclaims")
              .withStatus()
              .strategy(SpecAndStatus.PLAIN)
              .build(),
          ResourceDefinition.of(RESOURCE, "v1", "ResourceClaimTemplate", "resourceclaimtemplates")
              .build(),
          ResourceDefinition.of(RESOURCE, "v1", "ResourceSlice", "resourceslices")
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("Node", (of, _) -> of.obj("spec").string("nodeName")),
                  Column.text("Driver", (of, _) -> of.obj("spec").string("driver")),
                  Column.AGE)
              .strategy(SpecAndStatus.PLAIN)
              .build());

  private StoredKinds() {}

  private static String flag(Obj of, String key) {
    return Boolean.toString(of.obj("spec").flag(key));
  }

  private static String parameters(Obj of) {
    if (of.isEmpty()) {
      return Cells.NONE;
    }
    String group = of.string("apiGroup");
    return of.string("kind") + (group.isEmpty() ? "" : "." + group) + "/" + of.string("name");
  }

  private static String parent(Obj of) {
    String group = of.string("group");
    String namespace = of.string("namespace");
    return of.string("resource")
        + (group.isEmpty() ? "" : "." + group)
        + "/"
        + (namespace.isEmpty() ? "" : namespace + "/")
        + of.string("name");
  }
}
