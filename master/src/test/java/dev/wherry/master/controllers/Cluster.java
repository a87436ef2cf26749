package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.InitialObjects;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.audit.Audit;
import dev.wherry.master.controllers.certificate.CertificateIssuer;
import dev.wherry.master.controllers.node.NodeSigns;
import dev.wherry.master.controllers.serviceaccount.AccountSecrets;
import dev.wherry.master.ipam.ClusterNetwork;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.samples.UsageSamples;
import dev.wherry.master.store.InMemoryStore;
import dev.wherry.master.store.KvStore;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;

/** A master without its outer rim: store in memory, registry, admission, all controllers. */
final class Cluster implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<GroupResource> WATCHED =
      List.of(
          GroupResource.PODS,
          GroupResource.REPLICA_SETS,
          GroupResource.DEPLOYMENTS,
          GroupResource.ENDPOINT_SLICES,
          GroupResource.ENDPOINTS,
          GroupResource.NAMESPACES,
          GroupResource.NODES,
          GroupResource.PERSISTENT_VOLUMES,
          GroupResource.PERSISTENT_VOLUME_CLAIMS,
          GroupResource.POD_DISRUPTION_BUDGETS,
          GroupResource.CONFIG_MAPS,
          GroupResource.SERVICE_ACCOUNTS,
          GroupResource.EVENTS);

  private final KvStore store;
  private final Timer timer;
  private final Entrance entrance;

  /** What the controllers know of. */
  final ServedResources resources;

  final ObjectAccess objects;

  /** What the nodes of a test report. */
  final UsageSamples samples;

  /** What volumes' directories were removed, as node and path. */
  final List<String> removedDirectories = new CopyOnWriteArrayList<>();

  private Optional<Controllers> controllers = Optional.empty();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final List<ObjectWatch> watches;

  Cluster(Timer timer) {
    this(timer, new InMemoryStore());
  }

  /** The store is closed with the cluster. */
  Cluster(Timer timer, KvStore store) {
    this(timer, store, ClusterNetwork.DEFAULT);
  }

  Cluster(Timer timer, KvStore store, ClusterNetwork network) {
    this.timer = timer;
    this.samples = new UsageSamples(timer::nanos);
    this.store = store;
    this.entrance = Entrance.open(store, network, timer, Audit.NONE);
    this.resources = ServedResources.of(entrance.definitions());
    this.objects = entrance.as(Identity.MASTER);
    InitialObjects.ensure(objects, network, 6443);
    this.watches =
        WATCHED.stream()
            .map(each -> objects.watch(each, "", ListOptions.ALL, _ -> signal()))
            .toList();
  }

  ObjectAccess as(Identity identity) {
    return entrance.as(identity);
  }

  static Obj json(String text) {
    return Json.read(text.replace('\'', '"'));
  }

  static ObjectKey key(String name) {
    return new ObjectKey("default", name);
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  void startControllers() {
    startControllers(_ -> Optional.empty());
  }

  void startControllers(NodeSigns signs) {
    startControllers(signs, UnaryOperator.identity());
  }

  /** {@code way} is what stands between the controllers and the objects. */
  void startControllers(NodeSigns signs, UnaryOperator<ObjectAccess> way) {
    startControllers(signs, way, CertificateIssuer.NONE);
  }

  void startControllers(
      NodeSigns signs, UnaryOperator<ObjectAccess> way, CertificateIssuer certificates) {
    start(way, options(signs).withCertificates(certificates));
  }

  void startControllers(AccountSecrets secrets) {
    start(UnaryOperator.identity(), options(_ -> Optional.empty()).withAccountSecrets(secrets));
  }

  private ControllerOptions options(NodeSigns signs) {
    return new ControllerOptions("PEM", resources, signs)
        .withSamples(samples)
        .withDirectories((node, path) -> removedDirectories.add(node + ":" + path));
  }

  private void start(UnaryOperator<ObjectAccess> way, ControllerOptions options) {
    controllers =
        Optional.of(
            Controllers.start(identity -> way.apply(entrance.as(identity)), timer, options));
  }

  void stopControllers() {
    controllers.ifPresent(Controllers::close);
    controllers = Optional.empty();
  }

  /** Waits for the condition, which is asked at each change of an object and a little later. */
  void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    // Not under the lock: a watch's listener takes it, and a read waits for the watches.
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE + ": " + what + "\n" + dump());
      }
      awaitChange();
    }
  }

  /** Returns at the next change of an object, or a little later. */
  void awaitChange() {
    lock.lock();
    try {
      if (!changed.await(20, TimeUnit.MILLISECONDS)) {
        Thread.onSpinWait(); // nothing came: the condition is asked all the same
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    } finally {
      lock.unlock();
    }
  }

  private String dump() {
    StringBuilder text = new StringBuilder();
    for (GroupResource resource :
        List.of(
            GroupResource.DEPLOYMENTS,
            GroupResource.REPLICA_SETS,
            GroupResource.PODS,
            GroupResource.NAMESPACES)) {
      list(resource).forEach(each -> text.append(each).append('\n'));
    }
    return text.toString();
  }

  List<Obj> list(GroupResource resource) {
    return objects.list(resource, "", ListOptions.ALL).items();
  }

  List<PodView> pods() {
    return list(GroupResource.PODS).stream().map(PodView::new).toList();
  }

  Optional<Obj> find(GroupResource resource, ObjectKey key) {
    try {
      return Optional.of(objects.get(resource, key));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  Obj merge(GroupResource resource, String name, String patch) {
    return objects.patch(
        resource,
        key(name),
        ObjectAccess.ITSELF,
        new Patch(Patch.Kind.MERGE, json(patch)),
        WriteOptions.DEFAULT);
  }

  void addNode(String name) {
    addNode(objects, name);
  }

  static void addNode(ObjectAccess objects, String name) {
    objects.create(
        GroupResource.NODES,
        json(
            """
            {'apiVersion':'v1','kind':'Node','metadata':{'name':'%s'},
             'status':{'allocatable':{'cpu':'4','memory':'8Gi','pods':'110'},
              'conditions':[{'type':'Ready','status':'True','reason':'KubeletReady',
                'lastTransitionTime':'2026-01-01T00:00:00Z'}]}}"""
                .formatted(name)));
  }

  static Obj deployment(String name, int replicas, String image) {
    return json(
        """
        {'apiVersion':'apps/v1','kind':'Deployment',
         'metadata':{'name':'%s','namespace':'default','labels':{'app':'%s'}},
         'spec':{'replicas':%d,'selector':{'matchLabels':{'app':'%s'}},
          'template':{'metadata':{'creationTimestamp':null,'labels':{'app':'%s'}},
           'spec':{'containers':[{'name':'c','image':'%s','resources':{}}]}}}}"""
            .formatted(name, name, replicas, name, name, image));
  }

  boolean isRolledOut(String name) {
    Obj deployment = objects.get(GroupResource.DEPLOYMENTS, key(name));
    Obj status = deployment.obj("status");
    long wanted = deployment.obj("spec").number("replicas", 1);
    return status.number("observedGeneration", 0) == Meta.of(deployment).generation()
        && status.number("updatedReplicas", 0) == wanted
        && status.number("replicas", 0) == wanted
        && status.number("availableReplicas", 0) == wanted;
  }

  @Override
  public void close() throws Exception {
    watches.forEach(ObjectWatch::close);
    stopControllers();
    entrance.close();
    store.close();
  }
}
