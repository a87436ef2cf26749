package dev.wherry.master.controllers.node;

import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import dev.wherry.api.view.Toleration;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Which pods have to leave a node for its NoExecute taints (Kubernetes: Taints and Tolerations).
 * Pure.
 *
 * @param due those whose time is over
 * @param next when the next one's is
 */
record Evictions(List<PodView> due, Optional<Duration> next) {
  static Evictions of(List<Taint> taints, List<PodView> pods, Instant now) {
    List<Taint> driving =
        taints.stream().filter(taint -> taint.effect().equals(Taint.NO_EXECUTE)).toList();
    List<PodView> due = new ArrayList<>();
    Optional<Duration> next = Optional.empty();
    if (driving.isEmpty()) {
      return new Evictions(due, next);
    }
    for (PodView pod : pods) {
      if (pod.isTerminating() || pod.isFinished()) {
        continue;
      }
      Optional<Instant> end = end(driving, pod.tolerations(), now);
      if (end.isPresent()) {
        Duration left = Duration.between(now, end.get());
        if (!left.isPositive()) {
          due.add(pod);
        } else if (next.isEmpty() || left.compareTo(next.get()) < 0) {
          next = Optional.of(left);
        }
      }
    }
    return new Evictions(List.copyOf(due), next);
  }

  /** When the pod's patience ends; empty: never. */
  private static Optional<Instant> end(
      List<Taint> taints, List<Toleration> tolerations, Instant now) {
    Optional<Instant> end = Optional.empty();
    for (Taint taint : taints) {
      List<Toleration> matching =
          tolerations.stream().filter(each -> each.tolerates(taint)).toList();
      if (matching.isEmpty()) {
        return Optional.of(now);
      }
      OptionalLong seconds =
          matching.stream()
              .map(Toleration::tolerationSeconds)
              .filter(OptionalLong::isPresent)
              .mapToLong(OptionalLong::getAsLong)
              .min();
      if (seconds.isPresent()) {
        Instant its = taint.timeAdded().orElse(now).plusSeconds(Math.max(0, seconds.getAsLong()));
        end = end.filter(each -> each.isBefore(its)).or(() -> Optional.of(its));
      }
    }
    return end;
  }
}
