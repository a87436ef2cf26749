package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.ManualTimer;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The taint by which somebody says that a node is down for good (Kubernetes: Node Shutdowns). */
class OutOfServiceTest {
  private final TimedCluster timed = new TimedCluster();
  private final ManualTimer timer = timed.timer;
  private final Cluster cluster = timed.cluster;

  @AfterEach
  void stop() throws Exception {
    timed.close();
  }

  private void passUntil(String what, BooleanSupplier condition, String... alive) {
    timed.passUntil(what, condition, Duration.ofMinutes(4), alive);
  }

  private static ObjectKey key(String node) {
    return new ObjectKey("", node);
  }

  private void patch(String node, Obj patch) {
    cluster.objects.patch(
        GroupResource.NODES,
        key(node),
        ObjectAccess.ITSELF,
        new Patch(Patch.Kind.MERGE, patch),
        WriteOptions.DEFAULT);
  }

  private void cordon(String node, boolean cordoned) {
    patch(node, Cluster.json("{'spec':{'unschedulable':" + cordoned + "}}"));
  }

  private void takeOutOfService(String node) {
    List<Obj> taints = new ArrayList<>();
    timed.node(node).taints().forEach(each -> taints.add(each.tree()));
    taints.add(
        Cluster.json(
            """
            {'key':'node.kubernetes.io/out-of-service','value':'nodeshutdown',
             'effect':'NoExecute'}"""));
    patch(node, Obj.of("spec", Obj.of("taints", taints)));
  }

  private void create(GroupResource resource, String object) {
    cluster.objects.create(resource, Cluster.json(object));
  }

  private void pod(String name, String node, String more) {
    create(
        GroupResource.PODS,
        """
        {'apiVersion':'v1','kind':'Pod','metadata':{'name':'%s','namespace':'default'},
         'spec':{'nodeName':'%s','containers':[{'name':'c','image':'hello:1'}]%s}}"""
            .formatted(name, node, more));
  }

  private Optional<PodView> pod(String name) {
    return cluster.find(GroupResource.PODS, Cluster.key(name)).map(PodView::new);
  }

  private boolean isOn(String name, String node) {
    return pod(name).filter(each -> each.nodeName().equals(node)).isPresent();
  }

  private long countOn(String node) {
    return cluster.pods().stream().filter(each -> each.nodeName().equals(node)).count();
  }

  private long failedPodsOfJob() {
    Obj job = cluster.objects.get(GroupResource.JOBS, Cluster.key("job"));
    return job.obj("status").number("failed", 0);
  }

  @Test
  void givesUpWhatANodeThatIsDownWouldHoldForEver() {
    cordon("a", true);
    create(
        GroupResource.STATEFUL_SETS,
        """
        {'apiVersion':'apps/v1','kind':'StatefulSet',
         'metadata':{'name':'one','namespace':'default'},
         'spec':{'replicas':1,'serviceName':'one','selector':{'matchLabels':{'app':'one'}},
          'template':{'metadata':{'labels':{'app':'one'}},
           'spec':{'terminationGracePeriodSeconds':600,
            'containers':[{'name':'c','image':'hello:1'}]}}}}""");
    create(
        GroupResource.JOBS,
        """
        {'apiVersion':'batch/v1','kind':'Job','metadata':{'name':'job','namespace':'default'},
         'spec':{'podReplacementPolicy':'Failed','template':{'spec':{'restartPolicy':'Never',
          'containers':[{'name':'c','image':'hello:1'}]}}}}""");
    pod(
        "tolerant",
        "b",
        ",'tolerations':[{'key':'node.kubernetes.io/out-of-service','operator':'Exists'}]");
    create(
        GroupResource.PODS,
        """
        {'apiVersion':'v1','kind':'Pod',
         'metadata':{'name':'held','namespace':'default','finalizers':['example.com/hold']},
         'spec':{'nodeName':'b','containers':[{'name':'c','image':'hello:1'}]}}""");
    cluster.await("placed", () -> countOn("b") == 4);
    String before = pod("one-0").orElseThrow().meta().uid();
    cordon("a", false);
    passUntil("silent", () -> timed.isUnreachable("b"), "a");
    assertThat(pod("one-0").orElseThrow().meta().uid()).isEqualTo(before);

    takeOutOfService("b");
    passUntil("moved", () -> isOn("one-0", "a") && countOn("a") == 2, "a");
    assertThat(pod("one-0").orElseThrow().meta().uid()).isNotEqualTo(before);
    assertThat(pod("tolerant")).hasValueSatisfying(it -> assertThat(it.isTerminating()).isFalse());
    passUntil("failed", () -> pod("held").orElseThrow().phase().equals("Failed"), "a");
    passUntil("counted", () -> failedPodsOfJob() == 1, "a");
  }

  /** It would say itself how its pods ended: nobody speaks for it. */
  @Test
  void onlyDrivesPodsFromANodeThatIsWell() {
    pod("on-b", "b", "");
    takeOutOfService("b");
    passUntil("driven out", () -> pod("on-b").orElseThrow().isTerminating(), "a", "b");
    Instant later = timer.instant().plusSeconds(60);
    passUntil("a minute later", () -> timer.instant().isAfter(later), "a", "b");
    assertThat(pod("on-b")).hasValueSatisfying(it -> assertThat(it.phase()).isNotEqualTo("Failed"));
    passUntil("given up", () -> pod("on-b").isEmpty(), "a");
  }
}
