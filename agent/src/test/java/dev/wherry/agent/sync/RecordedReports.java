package dev.wherry.agent.sync;

import dev.wherry.agent.usage.NodeUsage;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;

/** Keeps what was reported, and waits for it. Thread-safe. */
final class RecordedReports implements Reports {
  private static final long DEADLINE_NANOS = 20_000_000_000L;

  private final Map<PodUid, List<Obj>> statuses = new ConcurrentHashMap<>();
  private final List<PodUid> gone = new CopyOnWriteArrayList<>();
  private final List<Obj> events = new CopyOnWriteArrayList<>();

  @Override
  public synchronized void podStatus(ObjectKey pod, PodUid uid, Obj status) {
    statuses.computeIfAbsent(uid, _ -> new CopyOnWriteArrayList<>()).add(status);
    notifyAll();
  }

  @Override
  public synchronized void podGone(ObjectKey pod, PodUid uid) {
    gone.add(uid);
    notifyAll();
  }

  @Override
  public void nodeStatus(Obj status) {}

  @Override
  public void usage(NodeUsage usage) {}

  @Override
  public synchronized void event(Obj event) {
    events.add(event);
    notifyAll();
  }

  List<Obj> statuses(PodUid uid) {
    return statuses.getOrDefault(uid, List.of());
  }

  Optional<Obj> last(PodUid uid) {
    List<Obj> all = statuses(uid);
    return all.isEmpty() ? Optional.empty() : Optional.of(all.getLast());
  }

  boolean isGone(PodUid uid) {
    return gone.contains(uid);
  }

  List<String> reasons() {
    return new ArrayList<>(events.stream().map(each -> each.string("reason")).toList());
  }

  List<String> messages(String reason) {
    return events.stream()
        .filter(each -> each.string("reason").equals(reason))
        .map(each -> each.string("message"))
        .toList();
  }

  /** Waits until the condition holds, looking again after each report. */
  synchronized void await(String what, BooleanSupplier condition) throws InterruptedException {
    long deadline = System.nanoTime() + DEADLINE_NANOS;
    while (!condition.getAsBoolean()) {
      long left = (deadline - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new AssertionError("waited in vain for " + what + "; last: " + lasts());
      }
      wait(Math.min(left, 50));
    }
  }

  private List<String> lasts() {
    return statuses.values().stream().map(each -> each.getLast().toString()).toList();
  }
}
