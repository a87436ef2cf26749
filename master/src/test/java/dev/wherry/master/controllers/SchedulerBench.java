package dev.wherry.master.controllers;

import com.sun.management.OperatingSystemMXBean;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.WatchEvent;
import dev.wherry.master.scheduling.ClusterSnapshot;
import dev.wherry.master.scheduling.Decision;
import dev.wherry.master.scheduling.NodeLoad;
import dev.wherry.master.scheduling.PodDemand;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * Prints how many pods a second are decided on, and bound durably, and what the master's memory is
 * with hollow nodes. {@code SchedulerBench decide NODES} or {@code SchedulerBench bind NODES PODS
 * DIRECTORY}.
 */
public final class SchedulerBench {
  private static final int DECISIONS = 20_000;

  /** So many of a hundred pods are bound before the pace counts as that of a warm scheduler. */
  private static final int WARMING_PERCENT = 40;

  /** Room for 8,192 nodes. */
  private static final ClusterNetwork LARGE =
      new ClusterNetwork(
          IpRanges.parse("10.43.0.0/16"), IpRanges.parse("10.64.0.0/11"), 24, 64, 30000, 32767);

  private static final String SPREAD =
      """
      'topologySpreadConstraints':[{'maxSkew':5,'topologyKey':'topology.kubernetes.io/zone',
        'whenUnsatisfiable':'DoNotSchedule','labelSelector':{'matchLabels':{'app':'web'}}}],""";
  private static final String APART =
      """
      'affinity':{'podAntiAffinity':{'requiredDuringSchedulingIgnoredDuringExecution':[
        {'topologyKey':'kubernetes.io/hostname',
         'labelSelector':{'matchLabels':{'set':'%d'}}}]}},""";

  /** What a machine that others load, too, does not blur: the processor's time. */
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private static final OperatingSystemMXBean PROCESS =
      (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

  private SchedulerBench() {}

  public static void main(String[] args) throws Exception {
    int nodes = Integer.parseInt(args[1]);
    if (args[0].equals("decide")) {
      decide("plain", nodes, DECISIONS, "");
      decide("spread over zones", nodes, DECISIONS / 10, SPREAD);
      decide("apart from each other", nodes, DECISIONS / 10, APART);
    } else {
      bind(nodes, Integer.parseInt(args[2]), Path.of(args[3]));
    }
  }

  private static Obj node(int number) {
    return Cluster.json(
        """
        {'apiVersion':'v1','kind':'Node','metadata':{'name':'node-%d','labels':{
           'kubernetes.io/hostname':'node-%d','kubernetes.io/os':'linux',
           'kubernetes.io/arch':'arm64','topology.kubernetes.io/zone':'zone-%d'}},
         'status':{'capacity':{'cpu':'64','memory':'256Gi','pods':'1100','ephemeral-storage':'1Ti'},
          'allocatable':{'cpu':'64','memory':'256Gi','pods':'1100','ephemeral-storage':'1Ti'},
          'addresses':[{'type':'InternalIP','address':'10.0.%d.%d'}],
          'nodeInfo':{'kernelVersion':'6.1','osImage':'Debian','architecture':'arm64'},
          'images':[{'names':['docker.io/library/hello:1'],'sizeBytes':30000000}],
          'conditions':[{'type':'Ready','status':'True','reason':'KubeletReady',
            'lastTransitionTime':'2026-01-01T00:00:00Z'}]}}"""
            .formatted(number, number, number % 5, number / 250, number % 250));
  }

  private static Obj pod(int number, String more) {
    return Cluster.json(
        """
        {'apiVersion':'v1','kind':'Pod','metadata':{'name':'web-%d','namespace':'default',
          'labels':{'app':'web','set':'%d'}},
         'spec':{%s'containers':[{'name':'c','image':'hello:1','ports':[{'containerPort':8080}],
           'env':[{'name':'MODE','value':'production'}],
           'readinessProbe':{'httpGet':{'path':'/','port':8080}},
           'resources':{'requests':{'cpu':'10m','memory':'20Mi'},'limits':{'memory':'40Mi'}}}]}}"""
            .formatted(number, number % 50, more.formatted(number % 50)));
  }

  private static void decide(String what, int nodes, int pods, String more) {
    ClusterSnapshot cluster =
        ClusterSnapshot.of(
            IntStream.range(0, nodes)
                .mapToObj(each -> NodeLoad.empty(new NodeView(node(each))))
                .toList());
    List<PodView> asked = new ArrayList<>();
    for (int i = 0; i < pods; i++) {
      asked.add(
          new PodView(
              pod(i, more).change("metadata", meta -> meta.with("uid", meta.string("name")))));
    }
    long begin = System.nanoTime();
    long beginProcessor = THREADS.getCurrentThreadCpuTime();
    int start = 0;
    int placed = 0;
    for (PodView each : asked) {
      PodDemand demand = PodDemand.of(each);
      if (Decision.decide(cluster, demand, start)
          instanceof Decision.Placed(var node, int examined)) {
        cluster = cluster.with(cluster.node(node).orElseThrow().plus(demand));
        start += examined;
        placed++;
      }
    }
    double seconds = (System.nanoTime() - begin) / 1e9;
    double processor = (THREADS.getCurrentThreadCpuTime() - beginProcessor) / 1e9;
    System.out.printf(
        "decide, %d nodes, %s: %.0f pods/s, %.0f a second of a processor (%d of %d placed)%n",
        nodes, what, pods / seconds, pods / processor, placed, pods);
  }

  private static void bind(int nodes, int pods, Path directory) throws Exception {
    try (Timer timer = Timer.system();
        Cluster cluster =
            new Cluster(timer, DiskStore.open(directory, StoreOptions.defaults()), LARGE)) {
      create(
          cluster, GroupResource.NODES, IntStream.range(0, nodes).mapToObj(i -> node(i)).toList());
      create(
          cluster, GroupResource.PODS, IntStream.range(0, pods).mapToObj(i -> pod(i, "")).toList());
      CountDownLatch warm = new CountDownLatch(pods * WARMING_PERCENT / 100);
      CountDownLatch bound = new CountDownLatch(pods);
      ObjectWatch watch =
          cluster.objects.watch(
              GroupResource.PODS, "", ListOptions.ALL, events -> count(events, warm, bound));
      long begin = System.nanoTime();
      long beginProcessor = PROCESS.getProcessCpuTime();
      cluster.startControllers();
      if (!warm.await(10, TimeUnit.MINUTES)) {
        throw new IllegalStateException(warm.getCount() + " pods more are to be bound");
      }
      long left = bound.getCount();
      long warmAt = System.nanoTime();
      long warmProcessor = PROCESS.getProcessCpuTime();
      if (!bound.await(10, TimeUnit.MINUTES)) {
        throw new IllegalStateException(bound.getCount() + " pods are not bound");
      }
      long end = System.nanoTime();
      long endProcessor = PROCESS.getProcessCpuTime();
      watch.close();
      System.out.printf(
          "bind, %d nodes, %d pods: %.0f pods/s, %.0f a second of a processor, start of all"
              + " controllers included%n",
          nodes, pods, pods * 1e9 / (end - begin), pods * 1e9 / (endProcessor - beginProcessor));
      System.out.printf(
          "  the last %d of them: %.0f pods/s, %.0f a second of a processor%n",
          left, left * 1e9 / (end - warmAt), left * 1e9 / (endProcessor - warmProcessor));
      run(cluster);
      System.gc();
      System.out.printf(
          "memory, %d nodes, %d pods: %d MB resident, %d MB of heap in use%n",
          nodes,
          pods,
          resident() >> 10,
          (Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory()) >> 20);
    }
  }

  private static void create(Cluster cluster, GroupResource resource, List<Obj> objects) {
    long begin = System.nanoTime();
    Parallel.forEach(objects, each -> cluster.objects.create(resource, each));
    System.out.printf(
        "create %d %s: %.0f/s%n",
        objects.size(), resource, objects.size() * 1e9 / (System.nanoTime() - begin));
  }

  private static void count(List<WatchEvent> events, CountDownLatch... counted) {
    for (WatchEvent event : events) {
      if (event instanceof WatchEvent.Modified(Obj pod, Obj before)
          && pod.obj("spec").has("nodeName")
          && !before.obj("spec").has("nodeName")) {
        for (CountDownLatch each : counted) {
          each.countDown();
        }
      }
    }
  }

  /** As the hollow nodes' agents report it. */
  private static void run(Cluster cluster) {
    Parallel.forEach(
        cluster.pods(),
        pod -> {
          Obj status =
              Cluster.json(
                  """
                  {'phase':'Running','hostIP':'10.0.0.1','podIP':'10.42.0.9',
                   'podIPs':[{'ip':'10.42.0.9'}],'startTime':'2026-01-01T00:00:00Z',
                   'conditions':[
                    {'type':'Initialized','status':'True','lastTransitionTime':'2026-01-01T00:00:00Z'},
                    {'type':'Ready','status':'True','lastTransitionTime':'2026-01-01T00:00:02Z'},
                    {'type':'ContainersReady','status':'True',
                      'lastTransitionTime':'2026-01-01T00:00:02Z'},
                    {'type':'PodScheduled','status':'True'}],
                   'containerStatuses':[{'name':'c','ready':true,'started':true,'restartCount':0,
                     'image':'docker.io/library/hello:1','imageID':'sha256:0','containerID':
                     'podman://%s','state':{'running':{'startedAt':'2026-01-01T00:00:02Z'}}}]}"""
                      .formatted(Meta.of(pod.tree()).uid()));
          Obj current = cluster.objects.get(GroupResource.PODS, ObjectKey.of(pod.tree()));
          cluster.objects.updateStatus(GroupResource.PODS, current.with("status", status));
        });
  }

  /** In KiB. */
  private static long resident() throws Exception {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
