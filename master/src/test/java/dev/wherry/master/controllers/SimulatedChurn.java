package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.DeleteOptions;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * What comes and goes in a simulation: jobs of a cron job, namespaces with all that is in them.
 * Confined to one thread.
 */
final class SimulatedChurn {
  private static final String CRON = "tick";
  private static final int MOST_NAMESPACES = 6;

  private final Random random;
  private final List<String> namespaces = new ArrayList<>();
  private int made;

  SimulatedChurn(Random random) {
    this.random = random;
  }

  void create(ObjectAccess objects) {
    objects.create(
        GroupResource.CRON_JOBS,
        Cluster.json(
            """
            {'apiVersion':'batch/v1','kind':'CronJob',
             'metadata':{'name':'%s','namespace':'default'},
             'spec':{'schedule':'* * * * *','successfulJobsHistoryLimit':2,
              'jobTemplate':{'spec':{'backoffLimit':1000,'template':{'spec':{
               'restartPolicy':'Never','priorityClassName':'system-node-critical',
               'containers':[{'name':'c','image':'hello:1',
                'resources':{'requests':{'cpu':'50m'}}}]}}}}}}"""
                .formatted(CRON)));
  }

  /** Something that a user may do. */
  void act(Cluster cluster) {
    if (random.nextInt(3) > 0) {
      makeNamespace(cluster.objects);
    } else {
      deleteNamespace(cluster.objects);
    }
  }

  /** No more jobs come; those that there are come to their end. */
  void calm(ObjectAccess objects) {
    objects.patch(
        GroupResource.CRON_JOBS,
        Cluster.key(CRON),
        ObjectAccess.ITSELF,
        new Patch(Patch.Kind.MERGE, Cluster.json("{'spec':{'suspend':true}}")),
        WriteOptions.DEFAULT);
    while (!namespaces.isEmpty()) {
      deleteNamespace(objects);
    }
  }

  private void makeNamespace(ObjectAccess objects) {
    if (namespaces.size() == MOST_NAMESPACES) {
      return;
    }
    String name = "ns-" + made++;
    objects.create(
        GroupResource.NAMESPACES,
        Cluster.json("{'apiVersion':'v1','kind':'Namespace','metadata':{'name':'" + name + "'}}"));
    namespaces.add(name);
    Obj deployment =
        Cluster.deployment("churn", 1 + random.nextInt(3), "hello:1")
            .withAt(name, "metadata", "namespace");
    objects.create(GroupResource.DEPLOYMENTS, deployment);
    objects.create(
        GroupResource.CONFIG_MAPS,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'ConfigMap',
             'metadata':{'name':'settings','namespace':'%s'},'data':{'a':'b'}}"""
                .formatted(name)));
    objects.create(
        GroupResource.SERVICES,
        Cluster.json(
            """
            {'apiVersion':'v1','kind':'Service','metadata':{'name':'churn','namespace':'%s'},
             'spec':{'selector':{'app':'churn'},'ports':[{'port':80}]}}"""
                .formatted(name)));
  }

  private void deleteNamespace(ObjectAccess objects) {
    if (!namespaces.isEmpty()) {
      String name = namespaces.remove(random.nextInt(namespaces.size()));
      objects.delete(GroupResource.NAMESPACES, new ObjectKey("", name), DeleteOptions.DEFAULT);
    }
  }

  /** What is not yet as it should be; empty: nothing. */
  String unsettled(Cluster cluster) {
    for (Obj each : cluster.list(GroupResource.NAMESPACES)) {
      if (Meta.of(each).name().startsWith("ns-")) {
        return "namespace " + each;
      }
    }
    for (GroupResource resource :
        List.of(
            GroupResource.DEPLOYMENTS,
            GroupResource.REPLICA_SETS,
            GroupResource.SERVICES,
            GroupResource.ENDPOINT_SLICES,
            GroupResource.ENDPOINTS,
            GroupResource.CONFIG_MAPS)) {
      for (Obj each : cluster.list(resource)) {
        if (Meta.of(each).namespace().startsWith("ns-")) {
          return "left behind: " + each;
        }
      }
    }
    return "";
  }
}
