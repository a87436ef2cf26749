package dev.wherry.master.http;

import io.netty.channel.Channel;
import java.util.concurrent.atomic.AtomicInteger;

/** Stops reading a connection for as long as one of its streams is full. Thread-safe. */
final class ReadPause {
  private final Channel channel;
  private final AtomicInteger full = new AtomicInteger();

  ReadPause(Channel channel) {
    this.channel = channel;
  }

  void begin() {
    if (full.getAndIncrement() == 0) {
      update();
    }
  }

  void end() {
    if (full.decrementAndGet() == 0) {
      update();
    }
  }

  /** On the event loop and by the count of that moment: begins and ends may overtake each other. */
  private void update() {
    channel.eventLoop().execute(() -> channel.config().setAutoRead(full.get() == 0));
  }
}
