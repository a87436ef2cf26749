package dev.wherry.master.store.disk;

import dev.wherry.master.store.Key;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Outcome;
import dev.wherry.master.store.Precondition;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * The process that {@link KillTest} kills: writes without end and prints {@code key value revision}
 * of each write once it is acknowledged.
 */
public final class AcknowledgingWriter {
  private static final int WRITERS = 4;
  private static final int KEYS = 20;

  private AcknowledgingWriter() {}

  /** Arguments: data directory, name of the run. */
  public static void main(String[] args) throws Exception {
    PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    DiskStore store =
        DiskStore.open(
            Path.of(args[0]),
            StoreOptions.defaults().withSegmentBytes(20_000).withCheckpointLogBytes(60_000));
    for (int i = 0; i < WRITERS; i++) {
      String writer = args[1] + "/" + i;
      int first = i * KEYS;
      Thread.ofPlatform().start(() -> write(store, writer, first, out));
    }
  }

  private static void write(DiskStore store, String writer, int first, PrintStream out) {
    for (int n = 0; ; n++) {
      String key = "/k/" + (first + n % KEYS);
      String value = writer + "/" + n + "/" + "x".repeat(n % 300);
      Operation put =
          new Operation.Put(
              Key.of(key), value.getBytes(StandardCharsets.UTF_8), new Precondition.None());
      if (store.commit(List.of(put)).join() instanceof Outcome.Committed committed) {
        out.println(key + " " + value + " " + committed.last());
      }
    }
  }
}
