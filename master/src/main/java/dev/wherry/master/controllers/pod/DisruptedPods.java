package dev.wherry.master.controllers.pod;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.registry.DeleteOptions;

/**
 * Ends pods that the cluster does not bear any longer, and says in their status why (Kubernetes:
 * pod disruption conditions). A pod that is gone, or another by now, is left alone. Blocks.
 */
public final class DisruptedPods {
  public static final String DISRUPTION_TARGET = "DisruptionTarget";

  private DisruptedPods() {}

  /** Adds the condition, then deletes the pod. */
  public static void delete(
      ObjectAccess access, Informer pods, PodView pod, Condition target, DeleteOptions options) {
    write(access, pods, pod, withCondition(pod, target));
    delete(access, pods, pod, options);
  }

  /** Nobody runs the pod any more: it has failed, unless it had ended. */
  static void fail(ObjectAccess access, Informer pods, PodView pod, Condition target) {
    if (!pod.isFinished()) {
      write(access, pods, pod, withCondition(pod, target).with("phase", "Failed"));
    }
  }

  /** The same of a pod that somebody is driving out already. */
  static void fail(ObjectAccess access, Informer pods, PodView pod) {
    if (!pod.isFinished()) {
      write(access, pods, pod, pod.status().with("phase", "Failed"));
    }
  }

  static void delete(ObjectAccess access, Informer pods, PodView pod, DeleteOptions options) {
    try {
      pods.deletedByUs(
          access.delete(GroupResource.PODS, pod.key(), options.withUid(pod.meta().uid())));
    } catch (StatusException e) {
      ignoreIfGone(e);
    }
  }

  private static Obj withCondition(PodView pod, Condition condition) {
    return pod.status()
        .with("conditions", Condition.set(pod.status().objs("conditions"), condition));
  }

  private static void write(ObjectAccess access, Informer pods, PodView pod, Obj status) {
    try {
      pods.wrote(access.updateStatus(GroupResource.PODS, pod.tree().with("status", status)));
    } catch (StatusException e) {
      ignoreIfGone(e);
    }
  }

  private static void ignoreIfGone(StatusException e) {
    if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
      throw e;
    }
  }
}
