package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the relays of one event loop share: room to read and write heads, connections to backends,
 * and a clock of seconds, so that no request needs a timer of its own. Confined to that loop.
 */
final class RelayLoop {
  /** Of one head. */
  static final int MAX_HEAD_BYTES = 65_536;

  private final EventLoop loop;
  private final HttpHead head = new HttpHead();
  private final HeadWriter writer = new HeadWriter();
  private final BackendPools pools;
  private final Set<Relay> relays = new HashSet<>();
  private byte[] bytes = new byte[4_096];
  private int seconds;
  private @Nullable ScheduledFuture<?> clock;

  RelayLoop(EventLoop loop) {
    this.loop = loop;
    this.pools =
        new BackendPools(
            loop,
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel channel) {
                channel.config().setAutoRead(true);
                channel.pipeline().addLast("backend", new RelayBackend(RelayLoop.this));
              }
            });
  }

  /** Reads a head from the beginning of a buffer, whose reader index stays. */
  HttpHead.Reading read(ByteBuf in) {
    int length = Math.min(in.readableBytes(), MAX_HEAD_BYTES);
    if (length > bytes.length) {
      bytes = new byte[MAX_HEAD_BYTES];
    }
    in.getBytes(in.readerIndex(), bytes, 0, length);
    HttpHead.Reading reading = head.read(bytes, length);
    return reading == HttpHead.Reading.INCOMPLETE && length == MAX_HEAD_BYTES
        ? HttpHead.Reading.MALFORMED
        : reading;
  }

  /** The head that was read last. */
  HttpHead head() {
    return head;
  }

  HeadWriter writer() {
    return writer;
  }

  BackendPools pools() {
    return pools;
  }

  /** Seconds since the clock began. */
  int seconds() {
    return seconds;
  }

  void add(Relay relay) {
    relays.add(relay);
    if (clock == null) {
      clock = loop.scheduleAtFixedRate(this::tick, 1, 1, TimeUnit.SECONDS);
    }
  }

  void remove(Relay relay) {
    relays.remove(relay);
    ScheduledFuture<?> running = clock;
    if (relays.isEmpty() && running != null) {
      running.cancel(false);
      clock = null;
    }
  }

  private void tick() {
    seconds++;
    List.copyOf(relays).forEach(Relay::look);
  }
}
