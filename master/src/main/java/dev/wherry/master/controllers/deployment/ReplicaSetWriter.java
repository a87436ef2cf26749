package dev.wherry.master.controllers.deployment;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DeploymentView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;

/**
 * Makes, changes and deletes the replica sets of deployments, and tells of it. Blocks; thread-safe.
 */
final class ReplicaSetWriter {
  private final ObjectAccess access;
  private final Informer sets;
  private final EventSink.Recorder events;

  ReplicaSetWriter(ObjectAccess access, Informer sets, EventSink.Recorder events) {
    this.access = access;
    this.sets = sets;
    this.events = events;
  }

  void create(DeploymentView deployment, Obj set) {
    sets.wrote(access.create(GroupResource.REPLICA_SETS, set));
    ReplicaSetView made = new ReplicaSetView(set);
    if (made.replicas() > 0) {
      noteScaling(deployment, made, 0, made.replicas());
    }
  }

  void change(DeploymentView deployment, DeploymentPlan.SetChange change) {
    Obj.Builder spec = Obj.builder();
    if (change.scales()) {
      spec.put("replicas", change.replicas());
    }
    if (change.minReadySeconds() != change.set().minReadySeconds()) {
      spec.put("minReadySeconds", change.minReadySeconds());
    }
    Obj patch =
        Obj.builder()
            .put(
                "metadata",
                Obj.of("uid", change.set().meta().uid(), "annotations", change.annotations()))
            .putUnlessEmpty("spec", spec.build())
            .build();
    sets.wrote(
        access.patch(
            GroupResource.REPLICA_SETS,
            change.set().key(),
            ObjectAccess.ITSELF,
            new Patch(Patch.Kind.MERGE, patch),
            WriteOptions.DEFAULT));
    if (change.scales()) {
      noteScaling(deployment, change.set(), change.set().replicas(), change.replicas());
    }
  }

  void delete(ObjectKey key) {
    try {
      sets.deletedByUs(access.delete(GroupResource.REPLICA_SETS, key, DeleteOptions.DEFAULT));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  private void noteScaling(DeploymentView deployment, ReplicaSetView set, long from, long to) {
    String direction = to >= from ? "up" : "down";
    events.record(
        EventNote.normal(
            deployment.tree(),
            "ScalingReplicaSet",
            "Scaled "
                + direction
                + " replica set "
                + set.meta().name()
                + " from "
                + from
                + " to "
                + to));
  }
}
