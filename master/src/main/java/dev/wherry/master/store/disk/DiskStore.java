package dev.wherry.master.store.disk;

import dev.wherry.master.store.Entry;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Outcome;
import dev.wherry.master.store.RangeResult;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.Transactions;
import dev.wherry.master.store.Watch;
import dev.wherry.master.store.WatchFeed;
import dev.wherry.master.store.log.LocalLog;
import dev.wherry.master.store.mapdb.CheckpointFile;
import dev.wherry.master.store.mapdb.OffHeapValues;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The store of a data directory: what a commit's future acknowledges is there after a crash. See
 * {@link Committer} for the way of a write, {@link LocalLog} and {@link Checkpoints} for what is on
 * the disk. Thread-safe.
 */
public final class DiskStore implements KvStore {
  private final DirectoryLock lock;
  private final OffHeapValues values;
  private final StateMachine state;
  private final WatchFeed feed;
  private final LocalLog log;
  private final Sequencer sequencer;
  private final Checkpointer checkpointer;
  private final Thread committer;
  private final StoreOptions options;
  private final List<KeyRange> volatileRanges;

  /**
   * Opens the store of a directory, which is made when it is absent, after whatever end it had.
   *
   * @throws DirectoryInUseException when another store has it open
   * @throws dev.wherry.master.store.log.DamagedStoreException when acknowledged data cannot be read
   */
  public static DiskStore open(Path directory, StoreOptions options) throws IOException {
    if (!Files.isDirectory(directory)) {
      // It holds Secrets.
      Files.createDirectories(
          directory,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    DirectoryLock lock = DirectoryLock.acquire(directory);
    OffHeapValues values = new OffHeapValues();
    try {
      StoreBackup.requireWhole(directory);
      return new DiskStore(directory, options, lock, values);
    } catch (IOException | RuntimeException e) {
      values.close();
      lock.close();
      throw e;
    }
  }

  private DiskStore(Path directory, StoreOptions options, DirectoryLock lock, OffHeapValues values)
      throws IOException {
    this.lock = lock;
    this.values = values;
    this.options = options;
    this.volatileRanges = options.volatilePrefixes().stream().map(KeyRange::prefix).toList();
    state = new StateMachine(values);
    feed = new WatchFeed(state);
    Checkpoints checkpoints = new Checkpoints(directory, options.disk());
    Recovery recovery = new Recovery(state, options.historyBytes());
    log = recovery.run(directory, checkpoints, options);
    long next = Math.max(recovery.reserved(), state.applied()) + 1;
    long reserved = next + Sequencer.RESERVED_BLOCK;
    try {
      log.append(List.of(new LogRecord.Reservation(reserved).encode()));
    } catch (IOException | RuntimeException e) {
      log.close();
      throw e;
    }
    sequencer = new Sequencer(state, options.pendingBytes(), next, reserved);
    checkpointer =
        new Checkpointer(
            checkpoints,
            log,
            state,
            key -> !isVolatile(key),
            options.checkpointLogBytes(),
            log.endOffset() - recovery.replayedBytes());
    committer =
        Thread.ofPlatform()
            .name("store-commit")
            .daemon()
            .start(new Committer(sequencer, log, state, feed, checkpointer, options));
  }

  private boolean isVolatile(Key key) {
    for (KeyRange range : volatileRanges) {
      if (range.contains(key)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public Revision revision() {
    return new Revision(state.applied());
  }

  @Override
  public Revision oldestRevision() {
    return new Revision(state.oldest());
  }

  @Override
  public Optional<Entry> get(Key key) {
    return state.get(key);
  }

  @Override
  public RangeResult range(KeyRange range, int limit) {
    return state.range(range, limit);
  }

  @Override
  public RangeResult rangeAt(KeyRange range, int limit, Revision at) {
    return state.rangeAt(range, limit, at);
  }

  @Override
  public CompletableFuture<Outcome> commit(List<Operation> operations) {
    List<Operation> transaction = List.copyOf(operations);
    Transactions.requireDistinctKeys(transaction);
    long notKept = transaction.stream().filter(each -> isVolatile(each.key())).count();
    if (notKept != 0 && notKept != transaction.size()) {
      throw new IllegalArgumentException(
          "a transaction writes volatile keys and others: " + transaction.getFirst().key());
    }
    int length = LogRecord.length(transaction);
    if (length > options.transactionBytes()) {
      throw new IllegalArgumentException(
          "a transaction of "
              + length
              + " bytes is larger than the store takes, "
              + options.transactionBytes());
    }
    Optional<byte[]> record =
        notKept == 0 ? Optional.of(LogRecord.encode(transaction)) : Optional.empty();
    return sequencer.submit(transaction, record);
  }

  @Override
  public Watch watch(KeyRange range, Revision after, Watch.Listener listener) {
    return feed.watch(range, after, listener);
  }

  @Override
  public void compact(Revision floor) {
    sequencer.compact(floor.number()).join();
  }

  /**
   * Writes what is there now to a file, while writes go on.
   *
   * @throws java.nio.file.FileAlreadyExistsException when the file is there
   */
  public void backup(Path file) throws IOException {
    if (Files.exists(file)) {
      throw new FileAlreadyExistsException(file.toString(), null, "a backup overwrites nothing");
    }
    CheckpointFile.Header header = sequencer.hold().join();
    try {
      checkpointer.writeTo(file, header);
    } finally {
      checkpointer.release();
    }
  }

  /**
   * Finishes the writes under way and closes; not to be called by what depends on a future of
   * {@link #commit}.
   */
  @Override
  public void close() {
    sequencer.close();
    Threads.join(committer);
    checkpointer.close();
    feed.close();
    List<IOException> failures = new ArrayList<>();
    for (Closing each : List.<Closing>of(log::close, values::close, lock::close)) {
      try {
        each.close();
      } catch (IOException e) {
        failures.add(e);
      }
    }
    if (!failures.isEmpty()) {
      throw new UncheckedIOException(failures.getFirst());
    }
  }

  private interface Closing {
    void close() throws IOException;
  }

  /** The state as the disk has it: the newest whole checkpoint, then the log behind it. */
  private static final class Recovery {
    private final StateMachine state;
    private final long historyBytes;
    private long reserved;
    private long replayedBytes;

    Recovery(StateMachine state, long historyBytes) {
      this.state = state;
      this.historyBytes = historyBytes;
    }

    long reserved() {
      return reserved;
    }

    long replayedBytes() {
      return replayedBytes;
    }

    LocalLog run(Path directory, Checkpoints checkpoints, StoreOptions options) throws IOException {
      Optional<CheckpointFile.Header> header = checkpoints.restore(state);
      reserved = header.map(CheckpointFile.Header::reserved).orElse(0L);
      long from = header.map(CheckpointFile.Header::index).orElse(0L) + 1;
      return LocalLog.open(directory, options.disk(), options.segmentBytes(), from, this::replay);
    }

    private void replay(long index, byte[] bytes) {
      replayedBytes += bytes.length;
      switch (LogRecord.decode(bytes)) {
        case LogRecord.Reservation(long upTo) -> reserved = Math.max(reserved, upTo);
        case LogRecord.Transaction(long first, List<Operation> operations) -> {
          state.apply(first, operations);
          state.show(first + operations.size() - 1);
          if (state.historyBytes() > historyBytes) {
            state.compact(state.applied(), Retention.step(operations.size()));
          }
        }
      }
    }
  }
}
