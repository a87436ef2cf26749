package dev.wherry.agent.network;

import dev.wherry.api.object.PodUid;
import java.util.concurrent.locks.ReentrantLock;

/** A bounded number of locks for any number of pods: one pod's is always the same. Thread-safe. */
final class PodLocks {
  private static final int COUNT = 32;

  private final ReentrantLock[] locks = new ReentrantLock[COUNT];

  PodLocks() {
    for (int i = 0; i < COUNT; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  ReentrantLock of(PodUid pod) {
    return locks[Math.floorMod(pod.hashCode(), COUNT)];
  }
}
