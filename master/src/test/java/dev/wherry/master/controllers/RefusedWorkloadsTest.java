package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.master.registry.DeleteOptions;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What users hear of workloads that a quota refuses, and that they recover. */
class RefusedWorkloadsTest {
  private static final GroupResource QUOTAS = GroupResource.core("resourcequotas");

  private final RunningCluster running = new RunningCluster("node-1");
  private final Cluster cluster = running.cluster;

  @AfterEach
  void stop() throws Exception {
    running.close();
  }

  private void quota(String what, int most) {
    cluster.objects.create(
        QUOTAS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'ResourceQuota',
             'metadata':{'name':'q','namespace':'default'},'spec':{'hard':{'%s':'%d'}}}"""
                .formatted(what, most)));
    cluster.await(
        "the quota counts",
        () -> cluster.objects.get(QUOTAS, Cluster.key("q")).obj("status").obj("hard").has(what));
  }

  /** So that the test need not wait for the next try. */
  private void touch() {
    cluster.merge(GroupResource.DEPLOYMENTS, "web", "{'metadata':{'annotations':{'a':'again'}}}");
  }

  private boolean says(String type, Predicate<Condition> what) {
    return cluster
        .find(GroupResource.DEPLOYMENTS, Cluster.key("web"))
        .flatMap(each -> Condition.find(each, type))
        .filter(what)
        .isPresent();
  }

  private boolean isTold(String reason, String message) {
    return cluster.list(GroupResource.EVENTS).stream()
        .anyMatch(
            each ->
                each.string("reason").equals(reason) && each.string("message").contains(message));
  }

  @Test
  void ofASetThatCannotBeMade() {
    quota("count/replicasets.apps", 0);
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 1, "hello:1"));
    String failure = "Failed to create new replica set \"web-";
    cluster.await(
        "condition",
        () ->
            says(
                "Progressing",
                each ->
                    each.reason().equals("ReplicaSetCreateError")
                        && each.status().equals(Condition.FALSE)
                        && each.message().startsWith(failure)
                        && each.message().contains("exceeded quota: q")));
    cluster.await("event", () -> isTold("ReplicaSetCreateError", failure));
    cluster.objects.delete(QUOTAS, Cluster.key("q"), DeleteOptions.DEFAULT);
    touch();
    cluster.await("made", () -> cluster.isRolledOut("web"));
  }

  @Test
  void ofPodsThatCannotBeMade() {
    quota("pods", 1);
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 3, "hello:1"));
    cluster.await(
        "condition",
        () ->
            says(
                "ReplicaFailure",
                each ->
                    each.reason().equals("FailedCreate")
                        && each.isTrue()
                        && each.message().contains("exceeded quota: q")));
    cluster.await("event", () -> isTold("FailedCreate", "Error creating: pods \"web-"));
    Obj quota = cluster.objects.get(QUOTAS, Cluster.key("q"));
    cluster.objects.update(QUOTAS, quota.withAt("9", "spec", "hard", "pods"));
    cluster.await(
        "the quota allows more",
        () ->
            cluster
                .objects
                .get(QUOTAS, Cluster.key("q"))
                .at("status", "hard")
                .string("pods")
                .equals("9"));
    touch();
    cluster.await(
        "made", () -> cluster.isRolledOut("web") && !says("ReplicaFailure", each -> true));
  }
}
