package dev.wherry.agent.link;

import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;

/** Ways to the master. */
public final class Channels {
  /** Calls' answers may block (a full disk, a slow listener): never on an event loop. */
  static final Executor VIRTUAL =
      Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("link-", 0).factory());

  private Channels() {}

  /** To a master in this process, which serves under this name. */
  public static ChannelSource inProcess(String name) {
    return () -> InProcessChannelBuilder.forName(name).executor(VIRTUAL).build();
  }
}
