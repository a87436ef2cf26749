package dev.wherry.master.controllers.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.api.view.StorageClassView;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimPlanTest {
  private static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  private static PersistentVolumeClaimView claim(String spec, String more) {
    return new PersistentVolumeClaimView(
        json(
            """
            {'metadata': {'namespace': 'd', 'name': 'c', 'uid': 'u'%s},
             'spec': {'accessModes': ['ReadWriteOnce'],
               'resources': {'requests': {'storage': '2Gi'}}%s}}"""
                .formatted(more, spec)));
  }

  private static PersistentVolumeView volume(String name, String size, String spec) {
    return new PersistentVolumeView(
        json(
            """
            {'metadata': {'name': '%s', 'labels': {'disk': '%s'}},
             'spec': {'capacity': {'storage': '%s'},
               'accessModes': ['ReadWriteOnce', 'ReadOnlyMany']%s},
             'status': {'phase': 'Available'}}"""
                .formatted(name, name, size, spec)));
  }

  private static StorageClassView storageClass(String name, String provisioner, String more) {
    return new StorageClassView(
        json(
            "{'metadata': {'name': '%s'%s}, 'provisioner': '%s'}"
                .formatted(name, more, provisioner)));
  }

  private static String said(
      PersistentVolumeClaimView claim,
      List<PersistentVolumeView> volumes,
      StorageClassView... all) {
    return switch (ClaimPlan.plan(claim, volumes, List.of(all), List.of())) {
      case ClaimPlan.Adopt(String name) -> "adopt " + name;
      case ClaimPlan.Settle(var volume) -> "settle " + volume.name();
      case ClaimPlan.Expand(var volume) -> "expand " + volume.name();
      case ClaimPlan.Bind(var volume) -> "bind " + volume.name();
      case ClaimPlan.Provision(var storageClass, String node) ->
          "provision " + storageClass.name() + " on " + node;
      case ClaimPlan.Await(var _, String reason, String _) -> reason;
      case ClaimPlan.Lose(String reason, String _) -> reason;
    };
  }

  @Test
  void takesTheSmallestThatSuitsInEveryRespect() {
    List<PersistentVolumeView> all =
        List.of(
            volume("tiny", "1Gi", ""),
            volume("block", "2Gi", ", 'volumeMode': 'Block'"),
            volume("classy", "2Gi", ", 'storageClassName': 'x'"),
            volume("taken", "2Gi", ", 'claimRef': {'namespace': 'd', 'name': 'z'}"),
            volume("big", "9Gi", ""),
            volume("fit", "3Gi", ""));
    assertThat(said(claim("", ""), all)).isEqualTo("bind fit");
    assertThat(said(claim(", 'selector': {'matchLabels': {'disk': 'big'}}", ""), all))
        .isEqualTo("bind big");
    assertThat(said(claim(", 'storageClassName': 'x'", ""), all)).isEqualTo("bind classy");
    assertThat(said(claim(", 'volumeName': 'big'", ""), all)).isEqualTo("bind big");
    assertThat(said(claim(", 'volumeName': 'taken'", ""), all)).isEqualTo("FailedBinding");
    assertThat(said(claim(", 'volumeName': 'tiny'", ""), all)).isEqualTo("VolumeMismatch");
    assertThat(said(claim("", ""), all.subList(0, 4))).isEqualTo("FailedBinding");
  }

  @Test
  void prefersAVolumeThatIsPromisedToIt() {
    PersistentVolumeView promised =
        volume("p", "5Gi", ", 'claimRef': {'namespace': 'd', 'name': 'c'}");
    assertThat(said(claim("", ""), List.of(volume("fit", "2Gi", ""), promised)))
        .isEqualTo("bind p");
  }

  @Test
  void goesByItsClass() {
    StorageClassView local = storageClass("l", ClaimPlan.PROVISIONER, "");
    StorageClassView fallback =
        storageClass(
            "f",
            ClaimPlan.PROVISIONER,
            ", 'annotations': {'storageclass.kubernetes.io/is-default-class': 'true'}");
    assertThat(said(claim("", ""), List.of(), fallback)).isEqualTo("adopt f");
    assertThat(said(claim(", 'storageClassName': ''", ""), List.of(), fallback))
        .isEqualTo("FailedBinding");
    assertThat(said(claim(", 'storageClassName': 'l'", ""), List.of(), local))
        .isEqualTo("provision l on ");
    assertThat(said(claim(", 'storageClassName': 'n'", ""), List.of(), local))
        .isEqualTo("ProvisioningFailed");
    assertThat(
            said(
                claim(", 'storageClassName': 'e'", ""),
                List.of(),
                storageClass("e", "ebs.csi.aws.com", "")))
        .isEqualTo("ExternalProvisioning");
  }

  @Test
  void waitsForItsFirstConsumer() {
    StorageClassView waiting =
        new StorageClassView(
            storageClass("w", ClaimPlan.PROVISIONER, "")
                .tree()
                .with("volumeBindingMode", "WaitForFirstConsumer"));
    String of = ", 'storageClassName': 'w'";
    List<PersistentVolumeView> free = List.of(volume("v", "2Gi", of));
    assertThat(said(claim(of, ""), free, waiting)).isEqualTo("WaitForFirstConsumer");
    assertThat(ClaimPlan.plan(claim(of, ""), free, List.of(waiting), List.of("web-0")))
        .isEqualTo(
            new ClaimPlan.Await(
                ClaimPlan.Severity.NORMAL,
                "WaitForPodScheduled",
                "waiting for pod web-0 to be scheduled"));
    String chosen = ", 'annotations': {'volume.kubernetes.io/selected-node': 'n'}";
    assertThat(said(claim(of, chosen), free, waiting)).isEqualTo("provision w on n");
  }

  @Test
  void losesAVolumeThatIsGone() {
    String bound = ", 'annotations': {'pv.kubernetes.io/bind-completed': 'yes'}";
    assertThat(said(claim(", 'volumeName': 'v'", bound), List.of())).isEqualTo("ClaimLost");
    assertThat(said(claim(", 'volumeName': 'v'", ""), List.of())).isEqualTo("FailedBinding");
    PersistentVolumeView others =
        volume("v", "2Gi", ", 'claimRef': {'namespace': 'd', 'name': 'c', 'uid': 'before'}");
    assertThat(said(claim(", 'volumeName': 'v'", bound), List.of(others)))
        .isEqualTo("ClaimMisbound");
    PersistentVolumeView own =
        volume("v", "2Gi", ", 'claimRef': {'namespace': 'd', 'name': 'c', 'uid': 'u'}");
    assertThat(said(claim(", 'volumeName': 'v'", bound), List.of(own))).isEqualTo("settle v");
  }

  @Test
  void reclaimsAsThePolicySays() {
    String ref = ", 'claimRef': {'namespace': 'd', 'name': 'c', 'uid': 'u'}";
    PersistentVolumeView kept = volume("v", "2Gi", ref);
    assertThat(VolumePlan.plan(volume("v", "2Gi", ""), Optional.empty()))
        .isEqualTo(new VolumePlan.Phase("Available"));
    assertThat(VolumePlan.plan(kept, Optional.of(claim(", 'volumeName': 'v'", ""))))
        .isEqualTo(new VolumePlan.Phase("Bound"));
    assertThat(VolumePlan.plan(kept, Optional.empty())).isEqualTo(new VolumePlan.Phase("Released"));
    PersistentVolumeView deleted =
        volume("v", "2Gi", ref + ", 'persistentVolumeReclaimPolicy': 'Delete'");
    assertThat(VolumePlan.plan(deleted, Optional.empty())).isInstanceOf(VolumePlan.Refuse.class);
    PersistentVolumeView ours =
        new PersistentVolumeView(
            deleted
                .tree()
                .withAt(
                    ClaimPlan.PROVISIONER, "metadata", "annotations", VolumePlan.PROVISIONED_BY));
    assertThat(VolumePlan.plan(ours, Optional.empty())).isEqualTo(new VolumePlan.Remove());
  }
}
