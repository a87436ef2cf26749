package dev.wherry.cli;

import dev.wherry.agent.bootstrap.Agent;
import dev.wherry.agent.config.AgentOptions;
import dev.wherry.agent.link.ChannelSource;
import dev.wherry.agent.link.Channels;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * The start of an agent beside that of its master, in one process. Closed before {@link #await} has
 * handed the agent out, it ends what was begun.
 */
final class AgentStart implements AutoCloseable {
  private final CountDownLatch serving = new CountDownLatch(1);
  private final FutureTask<Agent> start;
  private final Thread thread;
  private boolean handedOut;

  private AgentStart(AgentOptions options, String channel) {
    this.start = new FutureTask<>(() -> Agent.start(options, once(channel)));
    this.thread = Thread.ofPlatform().name("agent-start").unstarted(start);
  }

  /**
   * @param channel the name of the in-process channel on which the master will serve
   */
  static AgentStart begin(AgentOptions options, String channel) {
    AgentStart begun = new AgentStart(options, channel);
    begun.thread.start();
    return begun;
  }

  /** The agent's session waits, instead of asking again and again, until somebody answers. */
  private ChannelSource once(String channel) {
    ChannelSource open = Channels.inProcess(channel);
    return () -> {
      serving.await();
      return open.open();
    };
  }

  /** The master answers on its channel from now on. */
  void masterServes() {
    serving.countDown();
  }

  /**
   * The agent, which is the caller's to close from then on.
   *
   * @throws IOException with words for a user when the node cannot run pods
   */
  Agent await() throws IOException, InterruptedException {
    try {
      Agent agent = start.get();
      handedOut = true;
      return agent;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case IOException failure -> throw failure;
        case InterruptedException interrupt -> throw interrupt;
        case RuntimeException failure -> throw failure;
        case null, default -> throw new IOException(e.getCause());
      }
    }
  }

  @Override
  public void close() throws InterruptedException {
    if (handedOut) {
      return;
    }
    thread.interrupt(); // the start ends by itself what it has begun
    thread.join();
    if (start.state() == FutureTask.State.SUCCESS) {
      start.resultNow().close();
    }
  }
}
