package dev.wherry.agent.bootstrap;

import dev.wherry.agent.checkpoint.DesiredCheckpoint;
import dev.wherry.agent.staticpods.ManifestFolder;
import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;

/**
 * What is told to the master, on its way there: the checkpoint keeps pods' statuses, and the end of
 * a pod of the node's own is its folder's affair. Thread-safe.
 */
record NodeReports(Reports master, DesiredCheckpoint checkpoint, ManifestFolder manifests)
    implements Reports {

  @Override
  public void podStatus(ObjectKey pod, PodUid uid, Obj status) {
    checkpoint.podStatus(uid, status);
    master.podStatus(pod, uid, status);
  }

  @Override
  public void podGone(ObjectKey pod, PodUid uid) {
    if (!manifests.gone(pod, uid)) {
      master.podGone(pod, uid);
    }
  }

  @Override
  public void nodeStatus(Obj status) {
    master.nodeStatus(status);
  }

  @Override
  public void usage(NodeUsage usage) {
    master.usage(usage);
  }

  @Override
  public void event(Obj event) {
    master.event(event);
  }
}
