package dev.wherry.agent.sync;

import dev.wherry.agent.pod.Effect;
import dev.wherry.agent.pod.PodEvent;
import dev.wherry.agent.pod.PodEvent.Hook;
import dev.wherry.agent.pod.PodState;
import dev.wherry.agent.probe.ProbeExecutor;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Handler;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the hooks of containers' lifecycles. Methods block; thread-safe. */
record ContainerHooks(ProbeExecutor executor) {
  private static final Logger LOG = LoggerFactory.getLogger(ContainerHooks.class);

  /** Kubernetes sets no bound; a hook that takes longer than this will never end. */
  private static final Duration LONGEST_POST_START = Duration.ofDays(1);

  PodEvent postStart(PodState state, Effect.PostStart effect) throws InterruptedException {
    ContainerView container = state.spec(effect.container());
    Handler hook = container.postStart().orElse(new Handler.None());
    return done(state, container, effect.id(), Hook.POST_START, hook, LONGEST_POST_START);
  }

  PodEvent preStop(PodState state, Effect.PreStop effect) throws InterruptedException {
    ContainerView container = state.spec(effect.container());
    Handler hook = container.preStop().orElse(new Handler.None());
    return done(state, container, effect.id(), Hook.PRE_STOP, hook, effect.limit());
  }

  private PodEvent done(
      PodState state, ContainerView container, String id, Hook kind, Handler hook, Duration limit)
      throws InterruptedException {
    ProbeExecutor.Result result = executor.hook(hook, container, id, state.ip(), limit);
    if (result.verdict() == PodEvent.Verdict.FAILURE) {
      LOG.info(
          "pod {}: {} of {} failed: {}",
          state.pod().key(),
          kind,
          container.name(),
          result.message());
    }
    return new PodEvent.HookDone(id, kind, result.verdict());
  }
}
