package dev.wherry.master.store;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A revisioned key-value store of bytes: compare-and-set transactions, ranges at a revision,
 * watches with history.
 *
 * <p>Reads see every write whose future has completed. Thread-safe.
 */
public interface KvStore extends AutoCloseable {

  /** The last revision applied. */
  Revision revision();

  /** The oldest revision that {@link #range} and {@link #watch} may still ask for. */
  Revision oldestRevision();

  /** The latest value of the key. */
  Optional<Entry> get(Key key);

  /** Up to {@code limit} entries of the range at the latest revision; 0 is without limit. */
  RangeResult range(KeyRange range, int limit);

  /**
   * As {@link #range(KeyRange, int)} at an older revision, so that a list goes on page by page
   * unchanged.
   *
   * @throws CompactedException when the revision is older than {@link #oldestRevision}
   * @throws IllegalArgumentException when the revision is in the future
   */
  RangeResult rangeAt(KeyRange range, int limit, Revision at);

  /**
   * Writes all operations or none, each of another key. The future completes once the outcome is
   * durable and visible to readers; exceptionally with {@link FencedException} when it cannot be
   * made durable. What depends on the future runs on the store's own thread and must not block;
   * {@code join} is for the caller's thread. The call waits while too much is under way.
   *
   * @throws IllegalArgumentException when there is no operation, a key comes twice, or the whole is
   *     larger than the store takes
   */
  CompletableFuture<Outcome> commit(List<Operation> operations);

  /**
   * Events of the range with revision > {@code after}, ascending, no gaps.
   *
   * @throws CompactedException when {@code after} is older than the retained history
   */
  Watch watch(KeyRange range, Revision after, Watch.Listener listener);

  /**
   * Forgets versions superseded at or before the revision, as far as watches have been told of
   * them. A store compacts by itself too; this is for those who know better.
   */
  void compact(Revision floor);

  @Override
  void close();
}
