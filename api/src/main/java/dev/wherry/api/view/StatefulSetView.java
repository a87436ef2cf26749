package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** A stateful set, typed, with Kubernetes' defaults where a member lacks. */
public record StatefulSetView(Obj tree) implements WorkloadView {
  public long replicas() {
    return spec().number("replicas", 1);
  }

  /** The ordinal of the first pod. */
  public long start() {
    return spec().obj("ordinals").number("start", 0);
  }

  public String serviceName() {
    return spec().string("serviceName");
  }

  public long minReadySeconds() {
    return spec().number("minReadySeconds", 0);
  }

  public long revisionHistoryLimit() {
    return spec().number("revisionHistoryLimit", 10);
  }

  /** Whether pods come and go all at once, and not one after another. */
  public boolean isParallel() {
    return spec().string("podManagementPolicy").equals("Parallel");
  }

  /** Whether old pods are replaced only when somebody deletes them. */
  public boolean replacesOnDelete() {
    return spec().obj("updateStrategy").string("type").equals("OnDelete");
  }

  /** Pods of ordinals below this stay at the revision before. */
  public long partition() {
    return spec().at("updateStrategy", "rollingUpdate").number("partition", 0);
  }

  /** How many pods may be unavailable during an update, 1 at least. */
  public long maxUnavailable() {
    IntOrPercent one = new IntOrPercent(1, false);
    long number =
        spec()
            .at("updateStrategy", "rollingUpdate")
            .get("maxUnavailable")
            .map(each -> IntOrPercent.of(each, one))
            .orElse(one)
            .roundedUpOf(replicas());
    return Math.max(1, number);
  }

  public List<Obj> volumeClaimTemplates() {
    return spec().objs("volumeClaimTemplates");
  }

  /** Whether the claims go with the set. */
  public boolean deletesClaimsWhenDeleted() {
    return retention("whenDeleted");
  }

  /** Whether the claims of a pod go when the set is scaled below it. */
  public boolean deletesClaimsWhenScaled() {
    return retention("whenScaled");
  }

  private boolean retention(String when) {
    return spec().obj("persistentVolumeClaimRetentionPolicy").string(when).equals("Delete");
  }
}
