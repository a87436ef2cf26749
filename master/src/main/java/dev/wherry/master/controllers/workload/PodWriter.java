package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.registry.DeleteOptions;
import java.util.List;
import java.util.function.Consumer;

/**
 * Writes the pods of workloads: tells the informer, so that the next plan sees the write, and says
 * on the owner what was done. Thread-safe.
 */
public final class PodWriter {
  /** Pods are made in growing batches: what is refused is refused a few times only. */
  private static final int FIRST_BATCH = 5;

  private static final int BATCH_GROWTH = 4;

  private final ObjectAccess access;
  private final Informer pods;
  private final EventSink.Recorder events;

  public PodWriter(ObjectAccess access, Informer pods, EventSink.Recorder events) {
    this.access = access;
    this.pods = pods;
    this.events = events;
  }

  /** Runs the action on all, the first few first, so that a refusal does not come a hundredfold. */
  public static <T> void inGrowingBatches(List<T> items, Consumer<T> action) {
    int batch = FIRST_BATCH;
    for (int from = 0; from < items.size(); batch *= BATCH_GROWTH) {
      int to = Math.min(items.size(), from + batch);
      Parallel.forEach(items.subList(from, to), action);
      from = to;
    }
  }

  /** Updates the pod; one that is gone is left alone. */
  public void update(Obj pod) {
    try {
      pods.wrote(access.update(GroupResource.PODS, pod));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  public Obj create(Obj owner, Obj pod) {
    try {
      Obj created = access.create(GroupResource.PODS, pod);
      pods.wrote(created);
      events.record(
          EventNote.normal(owner, "SuccessfulCreate", "Created pod: " + Meta.of(created).name()));
      return created;
    } catch (StatusException e) {
      events.record(EventNote.warning(owner, "FailedCreate", "Error creating: " + e.getMessage()));
      throw e;
    }
  }

  public void delete(Obj owner, Obj pod) {
    try {
      remove(pod);
      events.record(
          EventNote.normal(owner, "SuccessfulDelete", "Deleted pod: " + Meta.of(pod).name()));
    } catch (StatusException e) {
      events.record(EventNote.warning(owner, "FailedDelete", "Error deleting: " + e.getMessage()));
      throw e;
    }
  }

  /** Deletes just this pod without a word; one that is gone, or another's of its name, is left. */
  public void remove(Obj pod) {
    try {
      pods.deletedByUs(
          access.delete(
              GroupResource.PODS,
              ObjectKey.of(pod),
              DeleteOptions.DEFAULT.withUid(Meta.of(pod).uid())));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
  }
}
