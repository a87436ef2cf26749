package dev.wherry.master.controllers.statefulset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StatefulSetView;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whose end a claim shares, after the set's {@code persistentVolumeClaimRetentionPolicy}:
 *
 * <pre>
 * whenDeleted  whenScaled  pod is kept   pod is condemned
 * Retain       Retain      nobody's      nobody's
 * Delete       Retain      the set's     the set's
 * Retain       Delete      nobody's      the pod's
 * Delete       Delete      the set's     the pod's
 * </pre>
 *
 * Pure.
 */
final class ClaimOwners {
  private ClaimOwners() {}

  /** The claim with the owners that it should have; as it is where it has them. */
  static Obj of(StatefulSetView set, Obj claim, Optional<PodView> condemned) {
    List<Obj> references = new ArrayList<>();
    for (Obj each : claim.obj("metadata").objs("ownerReferences")) {
      boolean ours =
          each.string("uid").equals(set.meta().uid())
              || each.string("kind").equals("Pod")
                  && each.string("name").startsWith(set.meta().name() + "-");
      if (!ours) {
        references.add(each);
      }
    }
    if (condemned.isPresent() && set.deletesClaimsWhenScaled()) {
      references.add(reference("v1", "Pod", condemned.get().meta()));
    } else if (set.deletesClaimsWhenDeleted()) {
      references.add(reference("apps/v1", "StatefulSet", set.meta()));
    }
    if (references.equals(claim.obj("metadata").objs("ownerReferences"))) {
      return claim;
    }
    return claim.change(
        "metadata",
        metadata ->
            references.isEmpty()
                ? metadata.without("ownerReferences")
                : metadata.with("ownerReferences", references));
  }

  private static Obj reference(String apiVersion, String kind, Meta owner) {
    return Obj.of("apiVersion", apiVersion, "kind", kind, "name", owner.name(), "uid", owner.uid());
  }

  /** Whether the claim goes, or goes with a pod that is gone: no new pod may be given it. */
  static boolean isLeaving(Obj claim) {
    Meta meta = Meta.of(claim);
    return meta.isTerminating()
        || meta.ownerReferences().stream().anyMatch(each -> each.kind().equals("Pod"));
  }
}
