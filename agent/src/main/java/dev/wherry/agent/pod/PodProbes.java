package dev.wherry.agent.pod;

import dev.wherry.agent.pod.PodEvent.ProbeKind;
import dev.wherry.agent.pod.PodEvent.Probed;
import dev.wherry.agent.pod.PodEvent.Verdict;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.Probe;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/** What probes' verdicts do to containers. Pure. */
final class PodProbes {
  private PodProbes() {}

  static void fold(Draft draft, Probed probed) {
    Optional<ContainerState> found = draft.running(probed.containerId());
    if (found.isEmpty() || !counts(found.get(), probed.kind())) {
      return;
    }
    ContainerState container = found.get();
    ContainerView spec = draft.state().spec(container.name());
    boolean success = probed.verdict() == Verdict.SUCCESS;
    switch (probed.kind()) {
      case STARTUP -> {
        if (success) {
          boolean ready = spec.readinessProbe().isEmpty();
          draft.change(container.name(), each -> each.withProbes(true, ready));
        } else {
          restart(draft, container, spec.startupProbe(), ProbeKind.STARTUP);
        }
      }
      case READINESS ->
          draft.change(
              container.name(), each -> each.withProbes(each.started(), each.started() && success));
      case LIVENESS -> {
        if (!success) {
          restart(draft, container, spec.livenessProbe(), ProbeKind.LIVENESS);
        }
      }
    }
  }

  /** A container that is being ended may still say whether it serves, and nothing else. */
  private static boolean counts(ContainerState container, ProbeKind kind) {
    return container.stage() instanceof ContainerState.Running
        || container.stage() instanceof ContainerState.Stopping && kind == ProbeKind.READINESS;
  }

  private static void restart(
      Draft draft, ContainerState container, Optional<Probe> probe, ProbeKind kind) {
    long seconds =
        probe.isPresent() && probe.get().terminationGracePeriodSeconds().isPresent()
            ? probe.get().terminationGracePeriodSeconds().getAsLong()
            : draft.pod.terminationGracePeriodSeconds();
    PodEnding.stop(
        draft,
        container,
        Duration.ofSeconds(Math.max(1, seconds)),
        "Container "
            + container.name()
            + " failed "
            + kind.word().toLowerCase(Locale.ROOT)
            + " probe, will be restarted");
  }
}
