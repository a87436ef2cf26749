package dev.wherry.master.controllers.job;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.ContainerStatusView;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.controllers.workload.PodTemplate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A pod of a job: what the job reads of it, and how one is made. Pure. */
record JobPod(PodView pod) {
  /** While a pod has it, it is not yet counted; so none is lost, whoever deletes it. */
  static final String FINALIZER = "batch.kubernetes.io/job-tracking";

  private static final String INDEX = "batch.kubernetes.io/job-completion-index";
  private static final String FAILURES = "batch.kubernetes.io/job-index-failure-count";
  private static final String INDEX_VARIABLE = "JOB_COMPLETION_INDEX";

  static JobPod of(Obj pod) {
    return new JobPod(new PodView(pod));
  }

  String uid() {
    return pod.meta().uid();
  }

  boolean isTracked() {
    return pod.meta().finalizers().contains(FINALIZER);
  }

  boolean hasSucceeded() {
    return pod.phase().equals("Succeeded");
  }

  /**
   * A pod that is being deleted counts as failed; where only real failures are replaced, once
   * nothing but finalizers holds it.
   */
  boolean hasFailed(JobView job) {
    boolean isOver = pod.meta().tree().number("deletionGracePeriodSeconds", 0) == 0;
    return pod.phase().equals("Failed")
        || pod.isTerminating() && !hasSucceeded() && (!job.replacesFailedOnly() || isOver);
  }

  boolean isActive() {
    return !pod.isFinished() && !pod.isTerminating();
  }

  boolean isEnding() {
    return !pod.isFinished() && pod.isTerminating();
  }

  /** Whether it has to come to its end before another may take its place. */
  boolean isAwaited(JobView job) {
    return job.replacesFailedOnly() && isEnding() && !hasFailed(job);
  }

  /** -1 where it has none. */
  int index() {
    return number(INDEX, -1);
  }

  /** How many pods of its index failed before it. */
  int failuresBefore() {
    return number(FAILURES, 0);
  }

  private int number(String annotation, int fallback) {
    try {
      return Integer.parseInt(pod.meta().annotations().getOrDefault(annotation, ""));
    } catch (NumberFormatException _) {
      return fallback; // as if the annotation lacked
    }
  }

  /** When its last container ended, or what comes nearest to it. */
  Instant finishedAt() {
    Optional<Instant> last =
        pod.containerStatuses().stream()
            .map(ContainerStatusView::state)
            .map(
                state ->
                    state instanceof ContainerStatusView.State.Terminated end
                        ? end.finishedAt()
                        : Optional.<Instant>empty())
            .flatMap(Optional::stream)
            .max(Instant::compareTo);
    return last.or(() -> pod.condition(PodView.READY).flatMap(Condition::lastTransitionTime))
        .or(() -> pod.meta().deletionTimestamp())
        .or(() -> pod.meta().creationTimestamp())
        .orElse(Instant.EPOCH);
  }

  /** How often its containers were started again. */
  long restarts() {
    return pod.containerStatuses().stream().mapToLong(ContainerStatusView::restartCount).sum()
        + pod.initContainerStatuses().stream().mapToLong(ContainerStatusView::restartCount).sum();
  }

  /** The pod without the finalizer: its job has counted it, or does not want it counted. */
  Obj released() {
    List<String> left = new ArrayList<>(pod.meta().finalizers());
    left.remove(FINALIZER);
    return pod.tree()
        .change(
            "metadata",
            metadata ->
                left.isEmpty()
                    ? metadata.without("finalizers")
                    : metadata.with("finalizers", left));
  }

  /** A new pod of a job without indexes. */
  static Obj made(JobView job) {
    Obj pod = PodTemplate.podOf(job.template(), job.tree());
    List<String> finalizers = new ArrayList<>(Meta.of(pod).finalizers());
    finalizers.add(FINALIZER);
    return pod.withAt(finalizers, "metadata", "finalizers");
  }

  /** A new pod of this completion index. */
  static Obj made(JobView job, int index, int failures) {
    String number = Integer.toString(index);
    String name = job.meta().name() + "-" + number;
    Obj pod = made(job);
    Map<String, String> annotations = new TreeMap<>(Meta.of(pod).annotations());
    annotations.put(INDEX, number);
    if (job.backoffLimitPerIndex().isPresent()) {
      annotations.put(FAILURES, Integer.toString(failures));
    }
    return pod.withAt(name + "-", "metadata", "generateName")
        .withAt(annotations, "metadata", "annotations")
        .withAt(number, "metadata", "labels", INDEX)
        .change("spec", spec -> withIndex(spec.with("hostname", name)));
  }

  private static Obj withIndex(Obj spec) {
    Obj variable =
        Obj.of(
            "name",
            INDEX_VARIABLE,
            "valueFrom",
            Obj.of(
                "fieldRef",
                Obj.of("apiVersion", "v1", "fieldPath", "metadata.annotations['" + INDEX + "']")));
    Obj changed = spec;
    for (String containers : List.of("initContainers", "containers")) {
      if (spec.has(containers)) {
        List<Obj> told = new ArrayList<>();
        for (Obj container : spec.objs(containers)) {
          List<Obj> variables = new ArrayList<>(container.objs("env"));
          if (variables.stream().noneMatch(e -> e.string("name").equals(INDEX_VARIABLE))) {
            variables.add(variable);
          }
          told.add(container.with("env", variables));
        }
        changed = changed.with(containers, told);
      }
    }
    return changed;
  }
}
