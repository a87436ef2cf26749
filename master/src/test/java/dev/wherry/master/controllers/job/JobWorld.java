package dev.wherry.master.controllers.job;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import dev.wherry.api.view.PodView;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A job in a little world; pods that are deleted linger as long as they have a finalizer. */
final class JobWorld {
  static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  Obj job;
  Instant now = START;
  final TreeMap<String, Obj> pods = new TreeMap<>();
  int made;

  JobWorld(String spec) {
    job =
        Json.read(
            """
            {"apiVersion": "batch/v1", "kind": "Job",
             "metadata": {"namespace": "n", "name": "j", "uid": "j1"},
             "spec": {"selector": {"matchLabels": {"job": "j"}},
              "template": {"metadata": {"labels": {"job": "j"}},
               "spec": {"restartPolicy": "Never", "containers": [{"name": "c"}]}}}}
            """);
    change(spec);
  }

  void change(String spec) {
    for (Obj.Entry each : Json.read(spec.replace('\'', '"'))) {
      job = job.withAt(each.value(), "spec", each.key());
    }
  }

  JobView view() {
    return new JobView(job);
  }

  JobPlan plan() {
    return JobPlan.plan(view(), List.copyOf(pods.values()), now);
  }

  /** Carries the first {@code most} writes of a plan out, as a master that dies after them. */
  void step(int most) {
    JobPlan plan = plan();
    job = job.with("status", plan.status());
    List<Runnable> writes = new ArrayList<>();
    plan.release().forEach(each -> writes.add(() -> put(each)));
    for (List<Obj> doomed : List.of(plan.drop(), plan.kill())) {
      for (Obj each : doomed) {
        writes.add(() -> put(each));
        writes.add(() -> delete(Meta.of(each).name()));
      }
    }
    plan.create().forEach(each -> writes.add(() -> create(each)));
    writes.stream().limit(most).forEach(Runnable::run);
  }

  void step() {
    step(Integer.MAX_VALUE);
  }

  void create(Obj pod) {
    String name = "p" + made++;
    pods.put(
        name,
        pod.withAt(name, "metadata", "name")
            .withAt(name, "metadata", "uid")
            .withAt(Meta.Times.format(now), "metadata", "creationTimestamp"));
  }

  void put(Obj pod) {
    boolean over = Meta.of(pod).isTerminating() && Meta.of(pod).finalizers().isEmpty();
    if (over) {
      pods.remove(Meta.of(pod).name());
    } else {
      pods.replace(Meta.of(pod).name(), pod);
    }
  }

  void delete(String name) {
    Obj pod = pods.get(name);
    if (pod != null) {
      put(pod.withAt(Meta.Times.format(now), "metadata", "deletionTimestamp"));
    }
  }

  void end(String name, String phase, int code) {
    pods.computeIfPresent(
        name,
        (_, pod) ->
            new PodView(pod).isFinished()
                ? pod
                : pod.with(
                    "status",
                    Obj.of(
                        "phase",
                        phase,
                        "containerStatuses",
                        List.of(
                            Obj.of(
                                "name",
                                "c",
                                "state",
                                Obj.of(
                                    "terminated",
                                    Obj.of(
                                        "exitCode",
                                        code,
                                        "finishedAt",
                                        Meta.Times.format(now))))))));
  }

  void settle() {
    for (int i = 0; i < 20; i++) {
      if (plan().isEmpty(view())) {
        return;
      }
      step();
    }
    throw new AssertionError("it never settles: " + plan());
  }

  void later(long seconds) {
    now = now.plusSeconds(seconds);
  }

  List<String> active() {
    return pods.values().stream()
        .map(JobPod::of)
        .filter(JobPod::isActive)
        .map(each -> each.pod().meta().name())
        .toList();
  }

  long number(String key) {
    return view().status().number(key, 0);
  }

  String ended() {
    return view().finished().map(each -> each.type() + " " + each.reason()).orElse("");
  }
}
