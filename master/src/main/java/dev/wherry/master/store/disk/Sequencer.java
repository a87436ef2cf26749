package dev.wherry.master.store.disk;

import dev.wherry.master.store.FencedException;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Outcome;
import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.mapdb.CheckpointFile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The order of writes: checks preconditions against the state and the writes before it that are
 * still under way, hands out revisions, and queues for the disk. Runs in the callers' threads,
 * under a lock: a thread of its own would add a hand-over to every write. Thread-safe.
 */
final class Sequencer {
  /** Revisions that the log reserves ahead. */
  static final long RESERVED_BLOCK = 1_000;

  /** A batch takes no more once it has so many bytes. */
  private static final long BATCH_BYTES = 4 << 20;

  /** What waits for its turn. */
  sealed interface Item {
    /** A transaction that goes on, at revisions from {@code first}. */
    record Write(
        long first,
        List<Operation> operations,
        Optional<byte[]> record,
        CompletableFuture<Outcome> future)
        implements Item {
      long last() {
        return first + operations.size() - 1;
      }
    }

    /** A transaction that failed by a key; it is told after the writes that it failed by. */
    record Refused(Key key, CompletableFuture<Outcome> future) implements Item {}

    /** A compaction, which only the thread that applies may do. */
    record Compact(long floor, CompletableFuture<Void> future) implements Item {}

    /** Asks what a checkpoint of now would be, and holds compaction until it is written. */
    record Hold(CompletableFuture<CheckpointFile.Header> future) implements Item {}

    static void fail(Item item, Exception why) {
      switch (item) {
        case Write write -> write.future().completeExceptionally(why);
        case Refused refused -> refused.future().completeExceptionally(why);
        case Compact compact -> compact.future().completeExceptionally(why);
        case Hold hold -> hold.future().completeExceptionally(why);
      }
    }
  }

  /**
   * Items in their order, never none.
   *
   * @param reserve the revision up to which the log is to reserve before any item is applied
   * @param reserved no revision handed out so far is above this one
   */
  record Batch(List<Item> items, OptionalLong reserve, long reserved) {}

  /** A key as writes under way leave it: last put at {@code modified}, 0 absent. */
  private record Pending(long modified, long revision) {}

  private final StateMachine state;
  private final long pendingBytes;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition notEmpty = lock.newCondition();
  private final Condition notFull = lock.newCondition();
  // Guarded by lock.
  private final Queue<Item> queue = new ArrayDeque<>();
  private final Map<Key, Pending> pending = new HashMap<>();
  private long waitingBytes;
  private long next;
  private long reserved;
  private boolean closed;
  private @Nullable FencedException fenced;

  /**
   * Begins above the revisions that were reserved.
   *
   * @param reserved on the log as the end of a new block
   */
  Sequencer(StateMachine state, long pendingBytes, long next, long reserved) {
    this.state = state;
    this.pendingBytes = pendingBytes;
    this.next = next;
    this.reserved = reserved;
  }

  /**
   * Queues a transaction; waits while too much is under way.
   *
   * @param record as it goes to the log; none for one that does not
   */
  CompletableFuture<Outcome> submit(List<Operation> operations, Optional<byte[]> record) {
    CompletableFuture<Outcome> future = new CompletableFuture<>();
    long bytes = record.map(r -> r.length).orElse(0);
    lock.lock();
    try {
      while (waitingBytes > 0 && waitingBytes + bytes > pendingBytes && accepting()) {
        notFull.awaitUninterruptibly();
      }
      Optional<Key> conflict = conflict(operations);
      if (conflict.isPresent()) {
        enqueue(new Item.Refused(conflict.get(), future));
        return future;
      }
      Item.Write write = new Item.Write(next, operations, record, future);
      if (enqueue(write)) {
        record.ifPresent(r -> LogRecord.setFirst(r, next));
        waitingBytes += bytes;
        for (Operation operation : operations) {
          long modified = operation instanceof Operation.Put ? next : 0;
          pending.put(operation.key(), new Pending(modified, next));
          next++;
        }
      }
      return future;
    } finally {
      lock.unlock();
    }
  }

  CompletableFuture<Void> compact(long floor) {
    CompletableFuture<Void> future = new CompletableFuture<>();
    lock.lock();
    try {
      enqueue(new Item.Compact(floor, future));
    } finally {
      lock.unlock();
    }
    return future;
  }

  CompletableFuture<CheckpointFile.Header> hold() {
    CompletableFuture<CheckpointFile.Header> future = new CompletableFuture<>();
    lock.lock();
    try {
      enqueue(new Item.Hold(future));
    } finally {
      lock.unlock();
    }
    return future;
  }

  private boolean accepting() {
    return fenced == null && !closed;
  }

  private boolean enqueue(Item item) {
    if (fenced != null) {
      Item.fail(item, fenced);
      return false;
    }
    if (closed) {
      Item.fail(item, new IllegalStateException("the store is closed"));
      return false;
    }
    queue.add(item);
    notEmpty.signal();
    return true;
  }

  private Optional<Key> conflict(List<Operation> operations) {
    for (Operation operation : operations) {
      Pending before = pending.get(operation.key());
      long modified = before == null ? state.modified(operation.key()) : before.modified();
      if (!StateMachine.holds(operation.precondition(), modified)) {
        return Optional.of(operation.key());
      }
    }
    return Optional.empty();
  }

  /** The next batch, once there is one; empty when the store is closed and nothing waits. */
  Optional<Batch> take() {
    lock.lock();
    try {
      while (queue.isEmpty() && !closed) {
        notEmpty.awaitUninterruptibly();
      }
      if (queue.isEmpty()) {
        return Optional.empty();
      }
      List<Item> items = new ArrayList<>();
      long bytes = 0;
      while (!queue.isEmpty() && bytes < BATCH_BYTES) {
        Item item = queue.remove();
        items.add(item);
        bytes += bytes(item);
      }
      OptionalLong reserve = OptionalLong.empty();
      if (next > reserved - RESERVED_BLOCK / 2) {
        reserved = next + RESERVED_BLOCK;
        reserve = OptionalLong.of(reserved);
      }
      return Optional.of(new Batch(items, reserve, reserved));
    } finally {
      lock.unlock();
    }
  }

  private static long bytes(Item item) {
    return item instanceof Item.Write write ? write.record().map(r -> r.length).orElse(0) : 0;
  }

  /** The state has them now. */
  void applied(List<Item> items) {
    lock.lock();
    try {
      for (Item item : items) {
        if (item instanceof Item.Write write) {
          waitingBytes -= bytes(write);
          for (Operation operation : write.operations()) {
            Pending last = pending.get(operation.key());
            if (last != null && last.revision() <= write.last()) {
              pending.remove(operation.key());
            }
          }
        }
      }
      notFull.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Fails what waits and what is to come; the first reason stays. */
  void fence(FencedException why) {
    List<Item> failed;
    lock.lock();
    try {
      if (fenced == null) {
        fenced = why;
      }
      failed = new ArrayList<>(queue);
      queue.clear();
      notFull.signalAll();
    } finally {
      lock.unlock();
    }
    failed.forEach(item -> Item.fail(item, why));
  }

  /** Takes nothing more; what waits goes on. */
  void close() {
    lock.lock();
    try {
      closed = true;
      notEmpty.signalAll();
      notFull.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
