package dev.wherry.api.view;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.util.List;

/** A persistent volume, typed. */
public record PersistentVolumeView(Obj tree) implements ObjectView {
  public String name() {
    return meta().name();
  }

  /** {@code Pending}, {@code Available}, {@code Bound}, {@code Released} or {@code Failed}. */
  public String phase() {
    return tree.obj("status").string("phase", "Pending");
  }

  /** Empty: of no class. */
  public String storageClassName() {
    return spec().string("storageClassName");
  }

  public Quantity storage() {
    return new ResourceList(spec().obj("capacity")).get("storage").orElse(Quantity.ZERO);
  }

  public List<String> accessModes() {
    return spec().strings("accessModes");
  }

  /** {@code Filesystem} or {@code Block}. */
  public String volumeMode() {
    return spec().string("volumeMode", "Filesystem");
  }

  /** {@code Retain}, {@code Delete} or {@code Recycle}. */
  public String reclaimPolicy() {
    return spec().string("persistentVolumeReclaimPolicy", "Retain");
  }

  public boolean isClaimed() {
    return !spec().obj("claimRef").isEmpty();
  }

  /** Of the claim that it belongs or is promised to; both parts empty where there is none. */
  public ObjectKey claimKey() {
    Obj claim = spec().obj("claimRef");
    return new ObjectKey(claim.string("namespace"), claim.string("name"));
  }

  /** Empty while it is only promised. */
  public String claimUid() {
    return spec().obj("claimRef").string("uid");
  }

  /** Whether it is, or is to be, the volume of this claim. */
  public boolean isFor(PersistentVolumeClaimView claim) {
    return isClaimed()
        && claimKey().equals(claim.key())
        && (claimUid().isEmpty() || claimUid().equals(claim.meta().uid()));
  }

  /** A {@code NodeSelector}; empty: any node. */
  public Obj requiredNodes() {
    return spec().obj("nodeAffinity").obj("required");
  }
}
