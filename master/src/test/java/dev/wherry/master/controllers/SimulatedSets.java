package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * The stateful sets and the daemon set of a simulation, beside its jobs: what users do with them,
 * and whether they are in the end what was asked for. Confined to one thread.
 */
final class SimulatedSets {
  private static final List<String> STATEFUL = List.of("ordered", "parallel");
  private static final String DAEMONS = "daemons";

  /**
   * Its pods have a volume each, on the node where they are; it goes when its pod is not wanted.
   */
  private static final String WITH_VOLUMES = "parallel";

  private static final String VOLUMES =
      """
      'podManagementPolicy':'Parallel',
      'persistentVolumeClaimRetentionPolicy':{'whenScaled':'Delete','whenDeleted':'Retain'},
      'volumeClaimTemplates':[{'metadata':{'name':'data'},'spec':{
       'accessModes':['ReadWriteOnce'],'resources':{'requests':{'storage':'1Mi'}}}}],""";

  private final Random random;
  private final int nodes;
  private final SimulatedJobs jobs;

  SimulatedSets(Random random, int nodes, SimulatedJobs jobs) {
    this.random = random;
    this.nodes = nodes;
    this.jobs = jobs;
  }

  /** A pod of the kind asks for little, so that there is room beside the deployments. */
  private static Obj workload(String kind, String name, String spec) {
    return Cluster.json(
        """
        {'apiVersion':'apps/v1','kind':'%s','metadata':{'name':'%s','namespace':'default'},
         'spec':{%s'selector':{'matchLabels':{'set':'%s'}},
          'template':{'metadata':{'labels':{'set':'%s'}},
           'spec':{'priorityClassName':'system-node-critical',
            'containers':[{'name':'c','image':'hello:1',
             'resources':{'requests':{'cpu':'50m'}}}]}}}}"""
            .formatted(kind, name, spec, name, name));
  }

  void create(ObjectAccess objects) {
    for (String each : STATEFUL) {
      String more = each.equals(WITH_VOLUMES) ? VOLUMES : "";
      objects.create(
          GroupResource.STATEFUL_SETS,
          workload("StatefulSet", each, "'replicas':2,'serviceName':'s'," + more));
    }
    objects.create(GroupResource.DAEMON_SETS, workload("DaemonSet", DAEMONS, ""));
  }

  /** Something that a user may do. */
  void act(ObjectAccess objects) {
    String set = STATEFUL.get(random.nextInt(STATEFUL.size()));
    switch (random.nextInt(9)) {
      case 0, 1 ->
          merge(
              objects,
              GroupResource.STATEFUL_SETS,
              set,
              "{'spec':{'replicas':" + random.nextInt(4) + "}}");
      case 2 -> roll(objects, GroupResource.STATEFUL_SETS, set);
      case 3 -> roll(objects, GroupResource.DAEMON_SETS, DAEMONS);
      default -> jobs.act(objects);
    }
  }

  private void roll(ObjectAccess objects, GroupResource resource, String name) {
    merge(
        objects,
        resource,
        name,
        "{'spec':{'template':{'metadata':{'annotations':{'r':'" + random.nextInt() + "'}}}}}");
  }

  static void merge(ObjectAccess objects, GroupResource resource, String name, String patch) {
    objects.patch(
        resource,
        Cluster.key(name),
        ObjectAccess.ITSELF,
        new Patch(Patch.Kind.MERGE, Cluster.json(patch)),
        WriteOptions.DEFAULT);
  }

  /** Whether each set has its pods, of its last template, and each job has come to its end. */
  boolean areSettled(Cluster cluster) {
    List<PodView> pods = cluster.pods();
    return STATEFUL.stream().allMatch(each -> hasItsPods(cluster, each, pods))
        && daemonsRunEverywhere(cluster, pods)
        && volumesFollowPods(cluster, pods)
        && SimulatedJobs.areOver(cluster);
  }

  private static boolean hasItsPods(Cluster cluster, String name, List<PodView> pods) {
    Obj set = cluster.objects.get(GroupResource.STATEFUL_SETS, Cluster.key(name));
    long replicas = set.obj("spec").number("replicas", 1);
    List<String> wanted =
        IntStream.range(0, (int) replicas).mapToObj(each -> name + "-" + each).toList();
    List<String> ready =
        pods.stream()
            .filter(pod -> name.equals(pod.meta().labels().get("set")) && pod.isReady())
            .map(pod -> pod.meta().name())
            .sorted()
            .toList();
    Obj status = set.obj("status");
    return ready.equals(wanted)
        && status.number("observedGeneration", 0) == Meta.of(set).generation()
        && status.number("updatedReplicas", 0) == replicas
        && status.string("currentRevision").equals(status.string("updateRevision"));
  }

  /**
   * Each claim has a volume and each volume a claim, and those of a pod are on its node. A claim
   * whose pod was away when its set became smaller stays, as in Kubernetes, but owned by nobody.
   */
  private static boolean volumesFollowPods(Cluster cluster, List<PodView> pods) {
    Map<String, String> nodes = new TreeMap<>();
    for (Obj each : cluster.list(GroupResource.PERSISTENT_VOLUMES)) {
      if (!each.obj("status").string("phase").equals("Bound")) {
        return false;
      }
      nodes.put(each.at("spec", "claimRef").string("name"), nodeOf(each));
    }
    List<Obj> claims = cluster.list(GroupResource.PERSISTENT_VOLUME_CLAIMS);
    List<String> bound =
        claims.stream()
            .filter(each -> each.obj("status").string("phase").equals("Bound"))
            .map(each -> Meta.of(each).name())
            .sorted()
            .toList();
    return bound.equals(List.copyOf(nodes.keySet()))
        && claims.stream()
            .map(Meta::of)
            .noneMatch(each -> each.isTerminating() || !each.ownerReferences().isEmpty())
        && pods.stream()
            .filter(pod -> WITH_VOLUMES.equals(pod.meta().labels().get("set")))
            .allMatch(pod -> pod.nodeName().equals(nodes.get("data-" + pod.meta().name())));
  }

  private static String nodeOf(Obj volume) {
    Obj term = volume.at("spec", "nodeAffinity", "required").objs("nodeSelectorTerms").getFirst();
    return term.objs("matchFields").getFirst().strings("values").getFirst();
  }

  private boolean daemonsRunEverywhere(Cluster cluster, List<PodView> pods) {
    List<String> on =
        pods.stream()
            .filter(pod -> DAEMONS.equals(pod.meta().labels().get("set")) && pod.isReady())
            .map(PodView::nodeName)
            .toList();
    Obj status = cluster.objects.get(GroupResource.DAEMON_SETS, Cluster.key(DAEMONS)).obj("status");
    return on.size() == nodes
        && on.stream().distinct().count() == nodes
        && status.number("updatedNumberScheduled", 0) == nodes
        && status.number("numberAvailable", 0) == nodes;
  }

  /** Whether the object is one that the sets own: told by its label, or by being a job's. */
  static boolean isStateful(PodView pod) {
    return STATEFUL.contains(pod.meta().labels().getOrDefault("set", ""));
  }

  /** For the description of what did not settle. */
  static String describe(Cluster cluster) {
    StringBuilder text = new StringBuilder();
    for (GroupResource resource :
        List.of(
            GroupResource.STATEFUL_SETS,
            GroupResource.DAEMON_SETS,
            GroupResource.JOBS,
            GroupResource.PERSISTENT_VOLUME_CLAIMS,
            GroupResource.PERSISTENT_VOLUMES)) {
      try {
        cluster.list(resource).forEach(each -> text.append(each).append('\n'));
      } catch (StatusException e) {
        text.append(e.getMessage()).append('\n');
      }
    }
    return text.toString();
  }
}
