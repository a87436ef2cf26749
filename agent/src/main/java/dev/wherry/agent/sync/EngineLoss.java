package dev.wherry.agent.sync;

import dev.wherry.agent.runtime.EngineException;
import java.io.IOException;

/**
 * Notices by its failures that the engine does not answer. Thread-safe.
 *
 * @param then told of it; must not block
 */
record EngineLoss(Runnable then) {
  void notice(IOException failure) {
    if (failure instanceof EngineException engine
        && engine.reason() == EngineException.Cause.UNREACHABLE) {
      then.run();
    }
  }
}
