package dev.wherry.master.store.disk;

import dev.wherry.master.store.FencedException;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.Outcome;
import dev.wherry.master.store.Revision;
import dev.wherry.master.store.StateMachine;
import dev.wherry.master.store.WatchFeed;
import dev.wherry.master.store.disk.Sequencer.Batch;
import dev.wherry.master.store.disk.Sequencer.Item;
import dev.wherry.master.store.log.CommitLog;
import dev.wherry.master.store.mapdb.CheckpointFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * The one thread that writes: takes a batch from the {@link Sequencer}, makes it durable, applies
 * it, shows it to readers, acknowledges it, tells the watches; then, where it is due, compacts and
 * has a checkpoint taken. It sleeps while nothing is written.
 */
final class Committer implements Runnable {
  private final Sequencer sequencer;
  private final CommitLog log;
  private final StateMachine state;
  private final WatchFeed feed;
  private final Checkpointer checkpointer;
  private final Retention retention;
  private final StoreOptions options;

  Committer(
      Sequencer sequencer,
      CommitLog log,
      StateMachine state,
      WatchFeed feed,
      Checkpointer checkpointer,
      StoreOptions options) {
    this.sequencer = sequencer;
    this.log = log;
    this.state = state;
    this.feed = feed;
    this.checkpointer = checkpointer;
    this.retention = new Retention(options.historyAge(), options.historyBytes());
    this.options = options;
  }

  @Override
  public void run() {
    while (true) {
      Optional<Batch> batch = sequencer.take();
      if (batch.isEmpty()) {
        return;
      }
      List<Item> items = batch.get().items();
      try {
        List<Runnable> acknowledgements = commit(batch.get());
        sequencer.applied(items);
        acknowledgements.forEach(Runnable::run);
        feed.advanced();
        tidy(batch.get());
      } catch (IOException | RuntimeException | Error e) {
        fence(items, e);
        return;
      }
    }
  }

  private List<Runnable> commit(Batch batch) throws IOException {
    List<byte[]> records = new ArrayList<>();
    batch.reserve().ifPresent(upTo -> records.add(new LogRecord.Reservation(upTo).encode()));
    for (Item item : batch.items()) {
      if (item instanceof Item.Write write) {
        write.record().ifPresent(records::add);
      }
    }
    if (!records.isEmpty()) {
      log.append(records);
    }
    List<Runnable> acknowledgements = new ArrayList<>();
    long last = state.applied();
    for (Item item : batch.items()) {
      switch (item) {
        case Item.Write write -> {
          Optional<Key> conflict = state.apply(write.first(), write.operations());
          last = write.last();
          acknowledgements.add(() -> write.future().complete(outcome(write, conflict)));
        }
        case Item.Refused(Key key, var future) ->
            acknowledgements.add(() -> future.complete(new Outcome.Conflict(key, state.get(key))));
        case Item.Compact(long floor, var future) ->
            acknowledgements.add(
                () -> {
                  if (!checkpointer.holds()) {
                    feed.compact(floor, Integer.MAX_VALUE);
                  }
                  future.complete(null);
                });
        case Item.Hold(var future) ->
            acknowledgements.add(
                () -> {
                  checkpointer.hold();
                  future.complete(header(batch));
                });
      }
    }
    state.show(last);
    return acknowledgements;
  }

  private Outcome outcome(Item.Write write, Optional<Key> conflict) {
    // The sequencer has checked it before; under a replicated log this is what decides.
    if (conflict.isPresent()) {
      return new Outcome.Conflict(conflict.get(), state.get(conflict.get()));
    }
    return new Outcome.Committed(
        LongStream.rangeClosed(write.first(), write.last()).mapToObj(Revision::new).toList());
  }

  private void tidy(Batch batch) {
    if (checkpointer.holds()) {
      if (state.historyBytes() <= 2 * options.historyBytes()) {
        return; // It reads what a compaction would remove.
      }
      checkpointer.awaitRelease();
    }
    long now = options.nanoTicker().getAsLong();
    OptionalLong floor = retention.floor(state.applied(), state.historyBytes(), now);
    if (floor.isPresent()) {
      feed.compact(floor.getAsLong(), Retention.step(operations(batch)));
    }
    if (checkpointer.due()) {
      retention.aged(now).ifPresent(aged -> feed.compact(aged, Integer.MAX_VALUE));
      checkpointer.start(header(batch));
    }
  }

  private CheckpointFile.Header header(Batch batch) {
    return new CheckpointFile.Header(
        log.nextIndex() - 1, state.applied(), state.oldest(), batch.reserved());
  }

  private static int operations(Batch batch) {
    int operations = 0;
    for (Item item : batch.items()) {
      operations += item instanceof Item.Write write ? write.operations().size() : 0;
    }
    return operations;
  }

  private void fence(List<Item> items, Throwable cause) {
    FencedException fenced =
        new FencedException(
            "the store takes no more writes, its log could not be made durable: " + cause, cause);
    sequencer.fence(fenced);
    items.forEach(item -> Item.fail(item, fenced));
    options.onFenced().accept(fenced);
  }
}
