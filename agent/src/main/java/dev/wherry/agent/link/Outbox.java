package dev.wherry.agent.link;

import dev.wherry.agent.sync.Reports;
import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.TokenRequest;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What the agent has to say. Of each pod and of the node the last status is kept, also after it was
 * sent, and said again in the next session: the master may not have written it. Of events at most
 * {@value #MAX_EVENTS} wait; the oldest goes first. Never blocks those who report; thread-safe.
 */
final class Outbox implements Reports {
  static final int MAX_EVENTS = 256;

  private record LastWord(ObjectKey pod, Obj status) {}

  /** How the master knows a pod. */
  interface Identity {
    /** Empty while it does not know the pod. */
    Optional<PodUid> toMaster(ObjectKey pod, PodUid uid);
  }

  private final BiPredicate<ObjectKey, PodUid> isKnown;
  private final Identity identity;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition change = lock.newCondition();
  private final Map<PodUid, LastWord> statuses = new HashMap<>();
  private final Map<PodUid, ObjectKey> gone = new HashMap<>();
  private final Set<PodUid> unsent = new LinkedHashSet<>();
  private @Nullable Obj nodeStatus;
  private boolean nodeUnsent;
  private @Nullable NodeUsage usage;
  private final Map<ObjectKey, Mirrors.Action> mirrors = new LinkedHashMap<>();
  private final ArrayDeque<Obj> events = new ArrayDeque<>();
  private final ArrayDeque<TokenRequest> requests = new ArrayDeque<>();

  /**
   * @param isKnown whether the master still wants this pod here, as far as the agent knows
   */
  Outbox(BiPredicate<ObjectKey, PodUid> isKnown, Identity identity) {
    this.isKnown = isKnown;
    this.identity = identity;
  }

  /** Takes what is to be said, and has {@link #await} look again. */
  private void take(Runnable news) {
    lock.lock();
    try {
      news.run();
      change.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void podStatus(ObjectKey pod, PodUid uid, Obj status) {
    LastWord word = new LastWord(pod, status);
    take(
        () -> {
          if (!word.equals(statuses.put(uid, word))) {
            unsent.add(uid);
          }
        });
  }

  @Override
  public void podGone(ObjectKey pod, PodUid uid) {
    take(
        () -> {
          gone.put(uid, pod);
          unsent.add(uid);
        });
  }

  /** What is to be done about the mirror of this name; the last word counts. */
  void mirror(ObjectKey key, Mirrors.Action action) {
    take(
        () -> {
          if (action instanceof Mirrors.Action.Nothing) {
            mirrors.remove(key);
          } else {
            mirrors.put(key, action);
          }
        });
  }

  /** Says the last status of this pod again: the master knows it now. */
  void again(PodUid uid) {
    take(
        () -> {
          if (statuses.containsKey(uid)) {
            unsent.add(uid);
          }
        });
  }

  @Override
  public void nodeStatus(Obj status) {
    take(
        () -> {
          nodeUnsent |= !status.equals(nodeStatus);
          nodeStatus = status;
        });
  }

  @Override
  public void usage(NodeUsage sample) {
    take(() -> usage = sample);
  }

  @Override
  public void event(Obj event) {
    take(
        () -> {
          if (events.size() == MAX_EVENTS) {
            events.remove();
          }
          events.add(event);
        });
  }

  /** Asks for a token in the session that is open; those who ask keep to a bound. */
  void request(TokenRequest request) {
    take(() -> requests.add(request));
  }

  /** The node's status as it was reported last. */
  Optional<Obj> lastNodeStatus() {
    lock.lock();
    try {
      return Optional.ofNullable(nodeStatus);
    } finally {
      lock.unlock();
    }
  }

  /** Nothing more is said of this pod: the master has removed it. */
  void forget(PodUid uid) {
    lock.lock();
    try {
      statuses.remove(uid);
      gone.remove(uid);
      unsent.remove(uid);
    } finally {
      lock.unlock();
    }
  }

  /** A new session: everything is said again, but for what is said of pods that nobody wants. */
  void restart() {
    lock.lock();
    try {
      statuses.entrySet().removeIf(each -> !isKnown.test(each.getValue().pod(), each.getKey()));
      gone.entrySet().removeIf(each -> !isKnown.test(each.getValue(), each.getKey()));
      requests.clear(); // nobody waits for their answers any more
      mirrors.clear();
      unsent.clear();
      unsent.addAll(statuses.keySet());
      unsent.addAll(gone.keySet());
      nodeUnsent = nodeStatus != null;
    } finally {
      lock.unlock();
    }
  }

  /** Has {@link #await} look again. */
  void wake() {
    take(() -> {});
  }

  /**
   * The next message, waiting for one at most so long.
   *
   * @param nanos how long to wait
   * @param blocked while true nothing is handed out
   * @param over ends the wait at once
   */
  Optional<AgentMessage> await(long nanos, BooleanSupplier blocked, BooleanSupplier over)
      throws InterruptedException {
    lock.lock();
    try {
      long left = nanos;
      while (!over.getAsBoolean()) {
        Optional<AgentMessage> next = blocked.getAsBoolean() ? Optional.empty() : poll();
        if (next.isPresent() || left <= 0) {
          return next;
        }
        left = change.awaitNanos(Math.min(left, TimeUnit.HOURS.toNanos(1)));
      }
      return Optional.empty();
    } finally {
      lock.unlock();
    }
  }

  private Optional<AgentMessage> poll() {
    TokenRequest request = requests.poll();
    if (request != null) {
      return Optional.of(AgentMessages.tokenRequest(request));
    }
    Obj node = nodeStatus;
    if (nodeUnsent && node != null) {
      nodeUnsent = false;
      return Optional.of(AgentMessages.nodeStatus(node));
    }
    Iterator<Map.Entry<ObjectKey, Mirrors.Action>> wishes = mirrors.entrySet().iterator();
    if (wishes.hasNext()) {
      Map.Entry<ObjectKey, Mirrors.Action> wish = wishes.next();
      wishes.remove();
      return Optional.of(AgentMessages.mirror(wish.getKey(), wish.getValue()));
    }
    Optional<AgentMessage> ofPod = pollPods();
    if (ofPod.isPresent()) {
      return ofPod;
    }
    Obj event = events.poll();
    if (event != null) {
      return Optional.of(AgentMessages.event(event));
    }
    NodeUsage sample = usage;
    usage = null;
    return Optional.ofNullable(sample).map(AgentMessages::usage);
  }

  /** What is to be said of one of the pods that the master knows. */
  private Optional<AgentMessage> pollPods() {
    Iterator<PodUid> pods = unsent.iterator();
    while (pods.hasNext()) {
      PodUid uid = pods.next();
      LastWord word = statuses.get(uid);
      ObjectKey goneKey = gone.get(uid);
      ObjectKey key = word != null ? word.pod() : goneKey;
      Optional<PodUid> known = key == null ? Optional.of(uid) : identity.toMaster(key, uid);
      if (known.isEmpty()) {
        continue; // its mirror is still to be made
      }
      if (word != null) {
        if (goneKey == null) {
          pods.remove();
        }
        if (goneKey != null || !isKnown.test(word.pod(), uid)) {
          statuses.remove(uid); // the last status goes first, then that the pod is gone
        }
        return Optional.of(AgentMessages.podStatus(word.pod(), known.get(), word.status()));
      }
      pods.remove();
      if (goneKey != null) {
        if (!isKnown.test(goneKey, uid)) {
          gone.remove(uid);
        }
        return Optional.of(AgentMessages.podGone(goneKey, known.get()));
      }
    }
    return Optional.empty();
  }
}
