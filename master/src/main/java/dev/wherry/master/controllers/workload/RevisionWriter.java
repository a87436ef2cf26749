package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.OwnedObjects;
import dev.wherry.master.registry.DeleteOptions;
import java.util.List;
import java.util.Optional;

/** Keeps the ControllerRevisions of workloads. Thread-safe. */
public final class RevisionWriter {
  private final ObjectAccess access;
  private final OwnedObjects revisions;
  private final String hashLabel;

  /** {@code hashLabel}: which label of a revision carries the hash of its template. */
  public RevisionWriter(ObjectAccess access, OwnedObjects revisions, String hashLabel) {
    this.access = access;
    this.revisions = revisions;
    this.hashLabel = hashLabel;
  }

  /**
   * The history with the template as it is now in it.
   *
   * @param collisions as the owner's status counts them
   * @return empty when the new revision's name belongs to something else: count a collision
   */
  public Optional<Revisions> ensure(Obj owner, long collisions) {
    Meta meta = Meta.of(owner);
    List<Obj> owned = revisions.of(meta.uid());
    Revisions plan = Revisions.plan(owner, owned, hashLabel, collisions);
    if (plan.write().isEmpty() || meta.isTerminating()) {
      return Optional.of(plan);
    }
    Obj revision = plan.write().get();
    if (!Meta.of(revision).uid().isEmpty()) {
      revisions.informer().wrote(access.update(GroupResource.CONTROLLER_REVISIONS, revision));
    } else if (!create(owner, revision)) {
      return Optional.empty();
    }
    return Optional.of(Revisions.plan(owner, revisions.of(meta.uid()), hashLabel, collisions));
  }

  private boolean create(Obj owner, Obj revision) {
    try {
      revisions.informer().wrote(access.create(GroupResource.CONTROLLER_REVISIONS, revision));
      return true;
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
    }
    Obj taken = access.get(GroupResource.CONTROLLER_REVISIONS, ObjectKey.of(revision));
    boolean same =
        PodTemplate.areAlike(Revisions.templateOf(taken), Revisions.templateOf(revision));
    Optional<String> controller = Meta.of(taken).controller().map(each -> each.uid());
    if (same && controller.isEmpty()) {
      revisions
          .informer()
          .wrote(access.update(GroupResource.CONTROLLER_REVISIONS, Claim.adopted(taken, owner)));
      return true;
    }
    if (same && controller.get().equals(Meta.of(owner).uid())) {
      revisions.informer().wrote(taken);
      return true;
    }
    return false;
  }

  public void delete(Obj revision) {
    try {
      revisions
          .informer()
          .deletedByUs(
              access.delete(
                  GroupResource.CONTROLLER_REVISIONS,
                  ObjectKey.of(revision),
                  DeleteOptions.DEFAULT.withUid(Meta.of(revision).uid())));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
  }
}
