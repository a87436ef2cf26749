package dev.wherry.agent.probe;

import dev.wherry.agent.pod.PodEvent.ProbeKind;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How often the probes of this node's pods came to what, since each pod is here; a pod's counts go
 * with it. Thread-safe.
 */
public final class ProbeCounts {
  private final Map<PodUid, OfPod> pods = new ConcurrentHashMap<>();

  /** What a probe came to; {@link #word} as kubelet's metrics have it. */
  public enum Outcome {
    SUCCESSFUL("successful"),
    FAILED("failed"),
    /** It could not be run. */
    UNKNOWN("unknown");

    private final String word;

    Outcome(String word) {
      this.word = word;
    }

    public String word() {
      return word;
    }
  }

  /** One count. */
  public record Count(
      ObjectKey pod, PodUid uid, String container, ProbeKind kind, Outcome outcome, long times) {}

  private record Series(String container, ProbeKind kind, Outcome outcome) {}

  /** The counts of one pod, until it is closed. */
  final class OfPod implements AutoCloseable {
    private final PodView pod;
    private final Map<Series, LongAdder> times = new ConcurrentHashMap<>();

    private OfPod(PodView pod) {
      this.pod = pod;
    }

    void count(String container, ProbeKind kind, Outcome outcome) {
      times.computeIfAbsent(new Series(container, kind, outcome), _ -> new LongAdder()).increment();
    }

    @Override
    public void close() {
      pods.remove(pod.uid(), this);
    }
  }

  OfPod of(PodView pod) {
    OfPod counts = new OfPod(pod);
    pods.put(pod.uid(), counts);
    return counts;
  }

  /** All that is counted, in no order. */
  public List<Count> all() {
    List<Count> all = new ArrayList<>();
    for (OfPod each : pods.values()) {
      each.times.forEach(
          (series, times) ->
              all.add(
                  new Count(
                      each.pod.key(),
                      each.pod.uid(),
                      series.container(),
                      series.kind(),
                      series.outcome(),
                      times.sum())));
    }
    return all;
  }
}
