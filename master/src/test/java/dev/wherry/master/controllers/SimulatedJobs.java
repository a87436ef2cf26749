package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.JobView;
import dev.wherry.master.access.ObjectAccess;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * The jobs of a simulation, of all policies: what users do with them, whether they come to an end,
 * and whether they count what they did. Confined to one thread.
 */
final class SimulatedJobs {
  /** They stay: in the end each is looked at. */
  private static final int MOST = 4;

  /** Of any job, and of one with indexes. */
  private static final List<String> POLICIES =
      List.of(
          "",
          "'podReplacementPolicy':'Failed',",
          """
          'podFailurePolicy':{'rules':[
           {'action':'Ignore','onPodConditions':[{'type':'DisruptionTarget'}]}]},""");

  private static final List<String> INDEX_POLICIES =
      List.of(
          "", "'backoffLimitPerIndex':1000,", "'successPolicy':{'rules':[{'succeededCount':1}]},");

  private final Random random;
  private final List<Integer> indexed = new ArrayList<>();
  private int made;

  SimulatedJobs(Random random) {
    this.random = random;
  }

  /** Something that a user may do. */
  void act(ObjectAccess objects) {
    switch (random.nextInt(5)) {
      case 0, 1 -> start(objects);
      case 2 -> change(objects, "{'spec':{'parallelism':" + (1 + random.nextInt(4)) + "}}");
      case 3 -> resize(objects);
      default -> change(objects, "{'spec':{'suspend':" + random.nextBoolean() + "}}");
    }
  }

  /** None stays suspended. */
  void resume(ObjectAccess objects) {
    for (int i = 0; i < made; i++) {
      SimulatedSets.merge(objects, GroupResource.JOBS, "job-" + i, "{'spec':{'suspend':false}}");
    }
  }

  private String one(List<String> texts) {
    return texts.get(random.nextInt(texts.size()));
  }

  private void start(ObjectAccess objects) {
    if (made == MOST) {
      return;
    }
    boolean isIndexed = random.nextBoolean();
    String deadline =
        random.nextInt(4) == 0 ? "'activeDeadlineSeconds':" + (1 + random.nextInt(60)) + "," : "";
    Obj job =
        Cluster.json(
            """
            {'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'job-%d','namespace':'default'},
             'spec':{%s%s%s'completions':%d,'parallelism':%d,'backoffLimit':1000,
              'completionMode':'%s',
              'template':{'spec':{'restartPolicy':'Never',
               'priorityClassName':'system-node-critical',
               'containers':[{'name':'c','image':'hello:1',
                'resources':{'requests':{'cpu':'50m'}}}]}}}}"""
                .formatted(
                    made,
                    deadline,
                    one(POLICIES),
                    isIndexed ? one(INDEX_POLICIES) : "",
                    1 + random.nextInt(6),
                    1 + random.nextInt(3),
                    isIndexed ? "Indexed" : "NonIndexed"));
    objects.create(GroupResource.JOBS, job);
    if (isIndexed) {
      indexed.add(made);
    }
    made++;
  }

  /** A job with indexes gets more of them, or fewer, unless its end is decided. */
  private void resize(ObjectAccess objects) {
    if (indexed.isEmpty()) {
      return;
    }
    int number = indexed.get(random.nextInt(indexed.size()));
    long size = 1 + random.nextInt(6);
    Obj job = objects.get(GroupResource.JOBS, Cluster.key("job-" + number));
    JobView view = new JobView(job);
    if (view.has("SuccessCriteriaMet") || view.has("FailureTarget")) {
      return;
    }
    try {
      objects.update(
          GroupResource.JOBS,
          job.withAt(size, "spec", "completions").withAt(size, "spec", "parallelism"));
    } catch (StatusException e) {
      Thread.onSpinWait(); // somebody else wrote in between
    }
  }

  private void change(ObjectAccess objects, String patch) {
    if (made > 0) {
      SimulatedSets.merge(objects, GroupResource.JOBS, "job-" + random.nextInt(made), patch);
    }
  }

  /** Whether each has come to the end that it should. */
  static boolean areOver(Cluster cluster) {
    return cluster.list(GroupResource.JOBS).stream()
        .map(JobView::new)
        .allMatch(
            job ->
                job.has(JobView.COMPLETE)
                    || job.has(JobView.FAILED) && job.activeDeadlineSeconds().isPresent());
  }

  /** What is wrong with the counts of the jobs, which are over; empty: nothing. */
  static String miscounted(Cluster cluster, PodLedger ledger) {
    StringBuilder text = new StringBuilder();
    for (Obj each : cluster.list(GroupResource.JOBS)) {
      JobView job = new JobView(each);
      long said = job.status().number("succeeded", 0);
      long seen = ledger.successes(job.meta().uid());
      boolean counts =
          job.has(JobView.FAILED)
              ? said <= seen
              : job.isIndexed()
                  ? isEnough(job, said)
                  : said <= seen && said >= seen - ledger.lateSuccesses(job.meta().uid());
      if (!counts || !job.status().obj("uncountedTerminatedPods").isEmpty()) {
        text.append(seen).append(" pods succeeded and it says ").append(job.tree()).append('\n');
      }
    }
    return text.toString();
  }

  private static boolean isEnough(JobView job, long succeeded) {
    return job.spec().has("successPolicy")
        ? succeeded >= 1
        : succeeded == job.completions().orElse(0);
  }
}
