package dev.wherry.cli.session;

import dev.wherry.agent.link.ChannelSource;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Channels that can be cut in the middle of what they carry, and a master that can be away. */
final class CutChannels implements ChannelSource {
  private final ChannelSource through;
  private final Set<ManagedChannel> open = ConcurrentHashMap.newKeySet();
  private volatile boolean severed;

  CutChannels(ChannelSource through) {
    this.through = through;
  }

  @Override
  public ManagedChannel open() throws IOException, InterruptedException {
    if (severed) {
      throw new IOException("severed by the test");
    }
    ManagedChannel channel = through.open();
    open.add(channel);
    return channel;
  }

  /** Breaks every connection there is. */
  void cut() {
    for (ManagedChannel channel : open) {
      channel.shutdownNow();
      open.remove(channel);
    }
  }

  void sever() {
    severed = true;
    cut();
  }

  void mend() {
    severed = false;
  }
}
