package dev.wherry.agent.sync;

import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;

/**
 * What the agent tells the master, a port that the session fills. Only the last status of a pod or
 * node matters: while the master is out of reach an implementation keeps that one and sends it when
 * it is back. Never blocks. Thread-safe.
 */
public interface Reports {
  /** The pod's whole {@code status}. */
  void podStatus(ObjectKey pod, PodUid uid, Obj status);

  /** Nothing of the terminated pod is left on this node: the object may go. */
  void podGone(ObjectKey pod, PodUid uid);

  /** The node's whole {@code status}. */
  void nodeStatus(Obj status);

  /** The latest sample; an earlier one that was not sent is dropped. */
  void usage(NodeUsage usage);

  /** A core/v1 Event; dropped, oldest first, past the implementation's bound. */
  void event(Obj event);
}
