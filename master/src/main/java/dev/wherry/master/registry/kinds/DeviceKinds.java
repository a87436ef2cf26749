package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putNumber;
import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.kinds.Rules.Updating;
import java.util.ArrayList;
import java.util.List;

/** Devices of nodes and who claims them: kept and shown, for drivers that act upon them. */
final class DeviceKinds {
  private static final String GROUP = "resource.k8s.io";

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of(GROUP, "v1", "DeviceClass", "deviceclasses")
              .returnsDeleted()
              .clusterScoped()
              .strategy(
                  Rules.NONE
                      .withCheck((type, causes) -> DeviceClaimChecks.type(type.obj("spec"), causes))
                      .withUpdating(Updating.COUNTED))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "ResourceClaim", "resourceclaims")
              .returnsDeleted()
              .withStatus()
              .columns(Column.NAME, Column.text("State", (claim, _) -> state(claim)), Column.AGE)
              .strategy(
                  Rules.NONE
                      .withDefaults(claim -> claim.change("spec", DeviceKinds::claim))
                      .withCheck(
                          (claim, causes) ->
                              DeviceClaimChecks.check(claim.obj("spec"), "spec", causes))
                      .withStatusCheck(DeviceStatusChecks::check)
                      .withFixed("spec"))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "ResourceClaimTemplate", "resourceclaimtemplates")
              .returnsDeleted()
              .strategy(
                  Rules.NONE
                      .withDefaults(
                          template ->
                              template.change(
                                  "spec", of -> Defaults.changed(of, "spec", DeviceKinds::claim)))
                      .withCheck(
                          (template, causes) ->
                              DeviceClaimChecks.check(
                                  template.at("spec", "spec"), "spec.spec", causes))
                      .withFixed("spec"))
              .build(),
          ResourceDefinition.of(GROUP, "v1", "ResourceSlice", "resourceslices")
              .returnsDeleted()
              .clusterScoped()
              .columns(
                  Column.NAME,
                  Column.text("Node", (of, _) -> of.obj("spec").string("nodeName")),
                  Column.text("Driver", (of, _) -> of.obj("spec").string("driver")),
                  Column.text("Pool", (of, _) -> of.at("spec", "pool").string("name")),
                  Column.AGE)
              .field("spec.driver")
              .field("spec.nodeName")
              .strategy(
                  Rules.NONE
                      .withCheck(DeviceSliceChecks::check)
                      .withFixed("spec.driver", "spec.nodeName", "spec.pool.name")
                      .withUpdating(Updating.COUNTED))
              .build());

  private DeviceKinds() {}

  private static String state(Obj claim) {
    List<String> states = new ArrayList<>();
    if (claim.obj("metadata").has("deletionTimestamp")) {
      states.add("deleted");
    }
    if (!claim.obj("status").has("allocation")) {
      states.add("pending");
    } else {
      states.add("allocated");
      if (!claim.obj("status").list("reservedFor").isEmpty()) {
        states.add("reserved");
      }
    }
    return String.join(",", states);
  }

  private static Obj claim(Obj spec) {
    return Defaults.changed(
        spec,
        "devices",
        devices -> Defaults.changedItems(devices, "requests", DeviceKinds::request));
  }

  private static Obj request(Obj given) {
    Obj request = Defaults.changed(given, "exactly", DeviceKinds::wanted);
    return Defaults.changedItems(request, "firstAvailable", DeviceKinds::wanted);
  }

  private static Obj wanted(Obj given) {
    Obj wanted = putText(given, "allocationMode", "ExactCount");
    wanted =
        Defaults.changedItems(
            wanted, "tolerations", toleration -> putText(toleration, "operator", "Equal"));
    return wanted.string("allocationMode").equals("ExactCount")
        ? putNumber(wanted, "count", 1)
        : wanted;
  }
}
