package dev.wherry.master.controllers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ServiceView;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** All controllers together over the real registry; a fake kubelet makes the pods ready. */
class ControllersTest {
  private final Timer timer = Timer.system();
  private final Cluster cluster = new Cluster(timer);
  private Optional<FakeKubelet> kubelet = Optional.empty();

  @BeforeEach
  void start() {
    cluster.startControllers();
    cluster.addNode("node-1");
  }

  private void startKubelet() {
    kubelet =
        Optional.of(
            new FakeKubelet(
                cluster.objects,
                timer,
                pod -> !pod.containers().getFirst().image().contains("broken")));
  }

  @AfterEach
  void stop() throws Exception {
    kubelet.ifPresent(FakeKubelet::close);
    cluster.close();
    timer.close();
  }

  @Test
  void bindsAndRollsOutTheTwentyPodsOfADeployment() {
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 20, "hello:1"));
    cluster.await("20 bound", () -> bound() == 20);
    startKubelet();
    cluster.await("rolled out", () -> cluster.isRolledOut("web"));
    assertThat(cluster.pods()).hasSize(20);
    Obj deployment = cluster.objects.get(GroupResource.DEPLOYMENTS, Cluster.key("web"));
    assertThat(Condition.isTrue(deployment, "Available")).isTrue();
    assertThat(Meta.of(deployment).annotations())
        .containsEntry("deployment.kubernetes.io/revision", "1");
    assertThat(Meta.of(deployment).generation()).isEqualTo(1);
    cluster.await(
        "events",
        () -> reasons().containsAll(List.of("ScalingReplicaSet", "SuccessfulCreate", "Scheduled")));
  }

  private long bound() {
    return cluster.pods().stream().filter(pod -> !pod.nodeName().isEmpty()).count();
  }

  private List<String> reasons() {
    return cluster.list(GroupResource.EVENTS).stream().map(each -> each.string("reason")).toList();
  }

  /** Counts the pods after every single change. Called by one thread at a time. */
  private static final class Bounds {
    private final int leastReady;
    private final int mostLive;
    private final Map<ObjectKey, PodView> pods = new HashMap<>();
    private final List<String> violations = Collections.synchronizedList(new ArrayList<>());
    private volatile int steps;

    Bounds(int leastReady, int mostLive) {
      this.leastReady = leastReady;
      this.mostLive = mostLive;
    }

    void observe(List<WatchEvent> events) {
      boolean initial = pods.isEmpty();
      for (WatchEvent event : events) {
        switch (event) {
          case WatchEvent.Added(Obj pod) -> pods.put(ObjectKey.of(pod), new PodView(pod));
          case WatchEvent.Modified(Obj pod, Obj _) -> pods.put(ObjectKey.of(pod), new PodView(pod));
          case WatchEvent.Deleted(Obj pod) -> pods.remove(ObjectKey.of(pod));
          case WatchEvent.Bookmark _ -> {}
        }
        if (!initial) {
          check();
        }
      }
    }

    private void check() {
      List<PodView> live = pods.values().stream().filter(pod -> !pod.isTerminating()).toList();
      long ready = live.stream().filter(PodView::isReady).count();
      if (live.size() > mostLive || ready < leastReady) {
        violations.add(live.size() + " live, " + ready + " ready");
      }
      steps++;
    }
  }

  @Test
  void keepsTheBoundsOfARollingUpdateAtEveryStep() throws Exception {
    startKubelet();
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 8, "hello:1"));
    cluster.await("first rollout", () -> cluster.isRolledOut("web"));
    // 25 % of 8 each way: 6 available at least, 10 at most.
    Bounds bounds = new Bounds(6, 10);
    try (ObjectWatch _ =
        cluster.objects.watch(GroupResource.PODS, "", ListOptions.ALL, bounds::observe)) {
      cluster.merge(
          GroupResource.DEPLOYMENTS,
          "web",
          "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'hello:2'}]}}}}");
      cluster.await("second rollout", () -> cluster.isRolledOut("web"));
    }
    assertThat(bounds.steps).isGreaterThan(16);
    assertThat(bounds.violations).isEmpty();
    assertThat(cluster.pods())
        .filteredOn(pod -> !pod.isTerminating())
        .hasSize(8)
        .allMatch(pod -> pod.containers().getFirst().image().equals("hello:2"));
    assertThat(cluster.list(GroupResource.REPLICA_SETS)).hasSize(2);
  }

  @Test
  void stopsARolloutWhoseNewPodsDoNotWorkAndRollsBack() {
    startKubelet();
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 4, "hello:1"));
    cluster.await("rollout", () -> cluster.isRolledOut("web"));
    cluster.merge(
        GroupResource.DEPLOYMENTS,
        "web",
        "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'broken:2'}]}}}}");
    cluster.await("new pods are there", () -> podsOf("broken:2") == 2);
    assertThat(podsOf("hello:1")).isEqualTo(3);
    cluster.merge(
        GroupResource.DEPLOYMENTS,
        "web",
        "{'spec':{'template':{'spec':{'containers':[{'name':'c','image':'hello:1'}]}}}}");
    cluster.await("back", () -> cluster.isRolledOut("web") && podsOf("hello:1") == 4);
    Obj deployment = cluster.objects.get(GroupResource.DEPLOYMENTS, Cluster.key("web"));
    assertThat(Meta.of(deployment).annotations())
        .containsEntry("deployment.kubernetes.io/revision", "3");
  }

  private long podsOf(String image) {
    return cluster.pods().stream()
        .filter(pod -> !pod.isTerminating())
        .filter(pod -> pod.containers().getFirst().image().equals(image))
        .count();
  }

  @Test
  void replacesADeletedPodAndScales() {
    startKubelet();
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 3, "hello:1"));
    cluster.await("rollout", () -> cluster.isRolledOut("web"));
    PodView victim = cluster.pods().getFirst();
    cluster.objects.delete(GroupResource.PODS, victim.key(), DeleteOptions.DEFAULT);
    cluster.await(
        "replaced",
        () ->
            cluster.pods().stream().noneMatch(pod -> pod.uid().equals(victim.uid()))
                && cluster.pods().stream().filter(PodView::isReady).count() == 3);
    cluster.merge(GroupResource.DEPLOYMENTS, "web", "{'spec':{'replicas':1}}");
    cluster.await("scaled", () -> cluster.isRolledOut("web") && cluster.pods().size() == 1);
  }

  @Test
  void keepsEndpointsOfAService() {
    startKubelet();
    cluster.objects.create(
        GroupResource.SERVICES,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'Service','metadata':{'name':'web','namespace':'default'},
             'spec':{'selector':{'app':'web'},'ports':[{'port':80,'targetPort':8080}]}}"""));
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 3, "hello:1"));
    cluster.await("3 endpoints", () -> readyEndpoints() == 3);
    cluster.await(
        "endpoints for tools",
        () ->
            cluster.find(GroupResource.ENDPOINTS, Cluster.key("web")).stream()
                    .flatMap(each -> each.objs("subsets").stream())
                    .mapToInt(subset -> subset.list("addresses").size())
                    .sum()
                == 3);
    cluster.merge(GroupResource.DEPLOYMENTS, "web", "{'spec':{'replicas':1}}");
    cluster.await("1 endpoint", () -> readyEndpoints() == 1);
    cluster.objects.delete(GroupResource.SERVICES, Cluster.key("web"), DeleteOptions.DEFAULT);
    cluster.await(
        "endpoints are gone",
        () -> cluster.find(GroupResource.ENDPOINTS, Cluster.key("web")).isEmpty());
  }

  @Test
  void leavesTheStatusOfAServiceOfAnotherBalancerAlone() {
    Obj node = cluster.objects.get(GroupResource.NODES, new ObjectKey("", "node-1"));
    Obj at = Obj.of("type", "InternalIP", "address", "192.0.2.1");
    cluster.objects.updateStatus(
        GroupResource.NODES, node.withAt(List.of(at), "status", "addresses"));
    Obj balanced =
        Cluster.json(
            "{'metadata':{'namespace':'default','name':'theirs'},'spec':{'type':'LoadBalancer',"
                + "'loadBalancerClass':'example.com/lb','ports':[{'port':80}]}}");
    Obj theirs = cluster.objects.create(GroupResource.SERVICES, balanced);
    List<Obj> address = List.of(Obj.of("ip", "198.51.100.7"));
    cluster.objects.updateStatus(
        GroupResource.SERVICES, theirs.withAt(address, "status", "loadBalancer", "ingress"));

    // One at a time, in their order: when the second has its address, the first was looked at.
    cluster.objects.create(
        GroupResource.SERVICES,
        Cluster.json(
            "{'metadata':{'namespace':'default','name':'ours'},'spec':{'type':'LoadBalancer',"
                + "'ports':[{'port':80}]}}"));
    cluster.await("an address", () -> !balancerIps("ours").isEmpty());
    assertThat(balancerIps("theirs")).containsExactly("198.51.100.7");
  }

  private List<String> balancerIps(String service) {
    return new ServiceView(cluster.objects.get(GroupResource.SERVICES, Cluster.key(service)))
        .loadBalancerIps();
  }

  private long readyEndpoints() {
    return cluster.list(GroupResource.ENDPOINT_SLICES).stream()
        .map(EndpointSliceView::new)
        .filter(slice -> slice.serviceName().equals("web"))
        .flatMap(slice -> slice.endpoints().stream())
        .filter(EndpointSliceView.Endpoint::ready)
        .count();
  }

  @Test
  void saysWhyAPodFitsNowhereAndBindsItOnceItDoes() {
    Obj greedy =
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'Pod','metadata':{'name':'greedy','namespace':'default'},
             'spec':{'nodeSelector':{'disk':'ssd'},'containers':[{'name':'c','image':'hello:1'}]}}""");
    cluster.objects.create(GroupResource.PODS, greedy);
    String message =
        "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. preemption:"
            + " 0/1 nodes are available: 1 Preemption is not helpful for scheduling.";
    cluster.await(
        "condition",
        () ->
            pod("greedy")
                .condition(PodView.POD_SCHEDULED)
                .filter(each -> each.reason().equals("Unschedulable"))
                .filter(each -> each.message().equals(message))
                .isPresent());
    cluster.await("event", () -> reasons().contains("FailedScheduling"));
    Obj node = cluster.objects.get(GroupResource.NODES, new ObjectKey("", "node-1"));
    cluster.objects.update(GroupResource.NODES, node.withAt("ssd", "metadata", "labels", "disk"));
    cluster.await("bound", () -> pod("greedy").nodeName().equals("node-1"));
  }

  private PodView pod(String name) {
    return new PodView(cluster.objects.get(GroupResource.PODS, Cluster.key(name)));
  }

  @Test
  void goesOnAfterARestartWithoutMakingAnythingAnew() {
    startKubelet();
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 5, "hello:1"));
    cluster.await("rollout", () -> cluster.isRolledOut("web"));
    List<String> before = cluster.pods().stream().map(pod -> pod.meta().uid()).sorted().toList();
    cluster.stopControllers();
    cluster.merge(GroupResource.DEPLOYMENTS, "web", "{'spec':{'replicas':6}}");
    cluster.startControllers();
    cluster.await("scaled", () -> cluster.isRolledOut("web"));
    List<String> after = cluster.pods().stream().map(pod -> pod.meta().uid()).sorted().toList();
    assertThat(after).hasSize(6).containsAll(before);
  }

  @Test
  void givesEveryNamespaceItsAccountAndTheRootCertificate() {
    cluster.objects.create(
        GroupResource.NAMESPACES,
        Cluster.json("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'team'}}"));
    cluster.await(
        "contents",
        () ->
            cluster
                    .find(GroupResource.SERVICE_ACCOUNTS, new ObjectKey("team", "default"))
                    .isPresent()
                && cluster
                    .find(GroupResource.CONFIG_MAPS, new ObjectKey("team", "kube-root-ca.crt"))
                    .filter(each -> each.obj("data").string("ca.crt").equals("PEM"))
                    .isPresent());
  }

  @Test
  void deletesWhatADeploymentMadeWithIt() {
    startKubelet();
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 5, "hello:1"));
    cluster.await("rollout", () -> cluster.isRolledOut("web"));
    cluster.objects.delete(GroupResource.DEPLOYMENTS, Cluster.key("web"), DeleteOptions.DEFAULT);
    cluster.await(
        "all gone",
        () -> cluster.list(GroupResource.REPLICA_SETS).isEmpty() && cluster.pods().isEmpty());
  }

  private static DeleteOptions propagating(DeleteOptions.Propagation propagation) {
    return new DeleteOptions(OptionalLong.empty(), Optional.of(propagation), "", "", false);
  }

  @Test
  void deletesDependentsBeforeAnOwnerThatIsDeletedInTheForeground() {
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 3, "hello:1"));
    cluster.await("3 bound", () -> bound() == 3);
    cluster.objects.delete(
        GroupResource.DEPLOYMENTS,
        Cluster.key("web"),
        propagating(DeleteOptions.Propagation.FOREGROUND));
    cluster.await("pods terminate", () -> cluster.pods().stream().allMatch(PodView::isTerminating));
    // No kubelet lets the pods go yet: their owners wait for them.
    assertThat(cluster.list(GroupResource.DEPLOYMENTS)).hasSize(1);
    assertThat(cluster.list(GroupResource.REPLICA_SETS)).hasSize(1);
    startKubelet();
    cluster.await("all gone", () -> cluster.list(GroupResource.DEPLOYMENTS).isEmpty());
    assertThat(cluster.pods()).isEmpty();
    assertThat(cluster.list(GroupResource.REPLICA_SETS)).isEmpty();
  }

  @Test
  void leavesOrphansBehindWhereThatIsAskedForAndAdoptsThemAgain() {
    startKubelet();
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 3, "hello:1"));
    cluster.await("rollout", () -> cluster.isRolledOut("web"));
    List<String> uids = cluster.pods().stream().map(pod -> pod.meta().uid()).sorted().toList();
    cluster.objects.delete(
        GroupResource.DEPLOYMENTS,
        Cluster.key("web"),
        propagating(DeleteOptions.Propagation.ORPHAN));
    cluster.await(
        "orphaned",
        () ->
            cluster.list(GroupResource.DEPLOYMENTS).isEmpty()
                && cluster.list(GroupResource.REPLICA_SETS).stream()
                    .allMatch(set -> Meta.of(set).ownerReferences().isEmpty()));
    assertThat(cluster.list(GroupResource.REPLICA_SETS)).hasSize(1);
    cluster.objects.create(GroupResource.DEPLOYMENTS, Cluster.deployment("web", 3, "hello:1"));
    cluster.await("adopted", () -> cluster.isRolledOut("web"));
    assertThat(cluster.list(GroupResource.REPLICA_SETS)).hasSize(1);
    assertThat(cluster.pods().stream().map(pod -> pod.meta().uid()).sorted().toList())
        .isEqualTo(uids);
  }

  @Test
  void emptiesANamespaceBeforeItGoes() {
    startKubelet();
    cluster.objects.create(
        GroupResource.NAMESPACES,
        Cluster.json("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'team'}}"));
    Obj deployment =
        Cluster.deployment("web", 4, "hello:1").withAt("team", "metadata", "namespace");
    cluster.objects.create(GroupResource.DEPLOYMENTS, deployment);
    cluster.objects.create(
        GroupResource.CONFIG_MAPS,
        Cluster.json(
            "{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':'m','namespace':'team'}}"));
    cluster.await("4 ready", () -> cluster.pods().stream().filter(PodView::isReady).count() == 4);
    cluster.objects.delete(
        GroupResource.NAMESPACES, new ObjectKey("", "team"), DeleteOptions.DEFAULT);
    cluster.await(
        "gone", () -> cluster.find(GroupResource.NAMESPACES, new ObjectKey("", "team")).isEmpty());
    assertThat(cluster.pods()).isEmpty();
    for (GroupResource resource :
        List.of(
            GroupResource.CONFIG_MAPS,
            GroupResource.DEPLOYMENTS,
            GroupResource.REPLICA_SETS,
            GroupResource.SERVICE_ACCOUNTS)) {
      assertThat(cluster.objects.list(resource, "team", ListOptions.ALL).items()).isEmpty();
    }
  }
}
