package dev.wherry.agent.sync;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Supplier;

/** Brings the container engine up again. */
public interface Engine {
  void ensure() throws IOException, InterruptedException;

  /** Has this run once when the process ends that answers now, where that can be seen. */
  default void whenLost(Runnable then) {}

  /** One whose process, where it is the agent's own, is seen to end. */
  static Engine of(Engine engine, Supplier<Optional<ProcessHandle>> process) {
    return new Engine() {
      @Override
      public void ensure() throws IOException, InterruptedException {
        engine.ensure();
      }

      @Override
      public void whenLost(Runnable then) {
        process.get().ifPresent(running -> running.onExit().thenRun(then));
      }
    };
  }
}
