package dev.wherry.master.store.disk;

import dev.wherry.master.store.FencedException;
import dev.wherry.master.store.log.Disk;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/**
 * Bounds and ports of a {@link DiskStore}.
 *
 * @param segmentBytes size from which on the log begins a new file
 * @param checkpointLogBytes the least log that is worth a checkpoint; more where the state is
 *     larger than half of it
 * @param historyAge superseded versions younger than this are kept, within {@code historyBytes}
 * @param historyBytes the most memory that superseded versions take, twice as much while a
 *     checkpoint is written; the oldest go first. Those older than the age go from a quarter of it
 *     on
 * @param transactionBytes the largest transaction, encoded
 * @param pendingBytes writes that wait for the disk; more make the caller of commit wait
 * @param volatilePrefixes keys that never reach the disk and are gone after a restart: heartbeats.
 *     A transaction has either such keys or others
 * @param nanoTicker a clock that only moves forward, in nanoseconds
 * @param disk the file system
 * @param onFenced told once, on the store's thread, when it takes no more writes
 */
public record StoreOptions(
    long segmentBytes,
    long checkpointLogBytes,
    Duration historyAge,
    long historyBytes,
    int transactionBytes,
    long pendingBytes,
    List<String> volatilePrefixes,
    LongSupplier nanoTicker,
    Disk disk,
    Consumer<FencedException> onFenced) {

  public StoreOptions {
    volatilePrefixes = List.copyOf(volatilePrefixes);
    if (transactionBytes < 1 || transactionBytes > 16 << 20) {
      throw new IllegalArgumentException("transactionBytes is " + transactionBytes);
    }
  }

  public static StoreOptions defaults() {
    return new StoreOptions(
        8 << 20,
        32 << 20,
        Duration.ofMinutes(5),
        16 << 20,
        8 << 20,
        16 << 20,
        List.of(),
        System::nanoTime,
        Disk.REAL,
        _ -> {});
  }

  public StoreOptions withSegmentBytes(long bytes) {
    return changed(draft -> draft.segmentBytes = bytes);
  }

  public StoreOptions withCheckpointLogBytes(long bytes) {
    return changed(draft -> draft.checkpointLogBytes = bytes);
  }

  public StoreOptions withHistory(Duration age, long bytes) {
    return changed(
        draft -> {
          draft.historyAge = age;
          draft.historyBytes = bytes;
        });
  }

  public StoreOptions withTransactionBytes(int bytes) {
    return changed(draft -> draft.transactionBytes = bytes);
  }

  public StoreOptions withVolatilePrefixes(List<String> prefixes) {
    return changed(draft -> draft.volatilePrefixes = prefixes);
  }

  public StoreOptions withNanoTicker(LongSupplier ticker) {
    return changed(draft -> draft.nanoTicker = ticker);
  }

  public StoreOptions withDisk(Disk other) {
    return changed(draft -> draft.disk = other);
  }

  public StoreOptions withOnFenced(Consumer<FencedException> told) {
    return changed(draft -> draft.onFenced = told);
  }

  private StoreOptions changed(Consumer<Draft> change) {
    Draft draft = new Draft(this);
    change.accept(draft);
    return draft.options();
  }

  /** The same values while one of them changes. */
  private static final class Draft {
    private long segmentBytes;
    private long checkpointLogBytes;
    private Duration historyAge;
    private long historyBytes;
    private int transactionBytes;
    private long pendingBytes;
    private List<String> volatilePrefixes;
    private LongSupplier nanoTicker;
    private Disk disk;
    private Consumer<FencedException> onFenced;

    Draft(StoreOptions from) {
      segmentBytes = from.segmentBytes;
      checkpointLogBytes = from.checkpointLogBytes;
      historyAge = from.historyAge;
      historyBytes = from.historyBytes;
      transactionBytes = from.transactionBytes;
      pendingBytes = from.pendingBytes;
      volatilePrefixes = from.volatilePrefixes;
      nanoTicker = from.nanoTicker;
      disk = from.disk;
      onFenced = from.onFenced;
    }

    StoreOptions options() {
      return new StoreOptions(
          segmentBytes,
          checkpointLogBytes,
          historyAge,
          historyBytes,
          transactionBytes,
          pendingBytes,
          volatilePrefixes,
          nanoTicker,
          disk,
          onFenced);
    }
  }
}
