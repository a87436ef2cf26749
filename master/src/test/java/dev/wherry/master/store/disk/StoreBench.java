package dev.wherry.master.store.disk;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Precondition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Writes of 4 KB a second, each acknowledged after its sync, with one writer and with a hundred,
 * then a restart. Arguments: an empty directory on the disk to measure.
 */
public final class StoreBench {
  private static final Duration WARM = Duration.ofSeconds(1);
  private static final Duration MEASURED = Duration.ofSeconds(4);
  private static final int VALUE_BYTES = 4096;
  private static final int KEYS = 1000;

  private StoreBench() {}

  public static void main(String[] args) throws Exception {
    Path directory = Path.of(args[0]);
    System.out.printf("%-12s %10s %10s %10s%n", "writers", "writes/s", "p50 us", "p99 us");
    try (DiskStore store = DiskStore.open(directory, StoreOptions.defaults())) {
      for (int writers : new int[] {1, 10, 100}) {
        run(store, writers, WARM);
        Result result = run(store, writers, MEASURED);
        System.out.printf(
            "%-12d %10d %10d %10d%n",
            writers,
            result.writes() * 1000 / MEASURED.toMillis(),
            result.latencies()[result.latencies().length / 2] / 1000,
            result.latencies()[result.latencies().length * 99 / 100] / 1000);
      }
    }
    long bytes = size(directory);
    long start = System.nanoTime();
    DiskStore.open(directory, StoreOptions.defaults()).close();
    System.out.printf(
        "start and close with %d MB on disk: %d ms%n",
        bytes >> 20, (System.nanoTime() - start) / 1_000_000);
  }

  private static long size(Path directory) throws IOException {
    try (var files = Files.list(directory)) {
      return files.mapToLong(p -> p.toFile().length()).sum();
    }
  }

  /** Latencies in nanoseconds, ascending. */
  private record Result(long writes, long[] latencies) {}

  private static Result run(DiskStore store, int writers, Duration time) throws Exception {
    AtomicLong writes = new AtomicLong();
    long end = System.nanoTime() + time.toNanos();
    List<long[]> all = new ArrayList<>();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < writers; i++) {
      int seed = i;
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    long[] latencies = write(store, new Random(seed), end);
                    writes.addAndGet(latencies.length);
                    synchronized (all) {
                      all.add(latencies);
                    }
                  }));
    }
    for (Thread thread : threads) {
      thread.join();
    }
    long[] latencies = all.stream().flatMapToLong(Arrays::stream).sorted().toArray();
    return new Result(writes.get(), latencies);
  }

  private static long[] write(DiskStore store, Random random, long end) {
    byte[] value = new byte[VALUE_BYTES];
    random.nextBytes(value);
    long[] latencies = new long[1024];
    int count = 0;
    while (System.nanoTime() < end) {
      long start = System.nanoTime();
      Key key = Key.of("/registry/pods/default/pod-" + random.nextInt(KEYS));
      store.commit(List.of(new Operation.Put(key, value, new Precondition.None()))).join();
      if (count == latencies.length) {
        latencies = Arrays.copyOf(latencies, 2 * count);
      }
      latencies[count++] = System.nanoTime() - start;
    }
    return Arrays.copyOf(latencies, count);
  }
}
