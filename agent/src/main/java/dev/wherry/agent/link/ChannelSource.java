package dev.wherry.agent.link;

import io.grpc.ManagedChannel;
import java.io.IOException;

/** Where a {@link Link} gets the channel of each connection from. */
@FunctionalInterface
public interface ChannelSource {

  /**
   * A channel to the master, with an executor on which calls may block.
   *
   * @throws IOException when there is none now; the link asks again later
   */
  ManagedChannel open() throws IOException, InterruptedException;

  /** The master does not know the caller of the channel before (any more). */
  default void refused() {}

  /** The machine has another address: connections from the one before lead nowhere any more. */
  default void moved() {}

  /** The same, and somebody who is told of refusals. */
  default ChannelSource telling(Runnable ofRefusal) {
    ChannelSource source = this;
    return new ChannelSource() {
      @Override
      public ManagedChannel open() throws IOException, InterruptedException {
        return source.open();
      }

      @Override
      public void refused() {
        source.refused();
        ofRefusal.run();
      }

      @Override
      public void moved() {
        source.moved();
      }
    };
  }
}
