package dev.wherry.master.controllers.volume;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.StorageClassView;
import java.util.List;

/** Renders the volume that is made for a claim: a directory of one node. Pure. */
final class ProvisionedVolume {
  /** Of the Node object: where its agent keeps volumes. */
  static final String DIRECTORY_ANNOTATION = "wherry.dev/volume-directory";

  private static final String DEFAULT_DIRECTORY = "/var/lib/wherry/volumes";

  private ProvisionedVolume() {}

  static String name(PersistentVolumeClaimView claim) {
    return "pvc-" + claim.meta().uid();
  }

  static Obj render(PersistentVolumeClaimView claim, StorageClassView storageClass, NodeView node) {
    Obj claimRef =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "PersistentVolumeClaim",
            "namespace",
            claim.key().namespace(),
            "name",
            claim.key().name(),
            "uid",
            claim.meta().uid());
    Obj field =
        Obj.of("key", "metadata.name", "operator", "In", "values", List.of(node.name().text()));
    Obj terms = Obj.of("nodeSelectorTerms", List.of(Obj.of("matchFields", List.of(field))));
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "PersistentVolume",
        "metadata",
        Obj.of(
            "name",
            name(claim),
            "annotations",
            Obj.of(VolumePlan.PROVISIONED_BY, ClaimPlan.PROVISIONER),
            "finalizers",
            List.of(VolumePlan.PV_PROTECTION, VolumePlan.DIRECTORY)),
        "spec",
        Obj.builder()
            .put(
                "capacity",
                Obj.of(
                    "storage", claim.spec().at("resources", "requests").get("storage").orElse("0")))
            .put("accessModes", claim.accessModes())
            .put("volumeMode", claim.volumeMode())
            .put("persistentVolumeReclaimPolicy", storageClass.reclaimPolicy())
            .put("storageClassName", storageClass.name())
            .putUnlessEmpty("mountOptions", storageClass.mountOptions())
            .put("claimRef", claimRef)
            .put(
                "hostPath",
                Obj.of("path", path(claim, storageClass, node), "type", "DirectoryOrCreate"))
            .put("nodeAffinity", Obj.of("required", terms))
            .build());
  }

  private static String path(
      PersistentVolumeClaimView claim, StorageClassView storageClass, NodeView node) {
    String asked = storageClass.parameter("path");
    String directory =
        asked.isEmpty()
            ? node.meta().annotations().getOrDefault(DIRECTORY_ANNOTATION, DEFAULT_DIRECTORY)
            : asked;
    return directory + "/" + name(claim) + "_" + claim.key().namespace() + "_" + claim.key().name();
  }
}
