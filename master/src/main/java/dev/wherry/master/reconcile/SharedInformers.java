package dev.wherry.master.reconcile;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import java.util.List;
import java.util.Optional;

/** The informers that several controllers share. Thread-safe. */
public final class SharedInformers implements AutoCloseable {
  private static final String ORPHANS_OF = "orphans of ";

  private final Informer namespaces;
  private final Informer nodes;
  private final Informer pods;
  private final Informer.Index podsByController;
  private final Informer.Index podsByNamespace;
  private final Informer.Index podsByNode;
  private final Informer services;
  private final Informer deployments;
  private final Informer replicaSets;
  private final Informer.Index replicaSetsByController;

  private final Informer persistentVolumeClaims;
  private final Informer persistentVolumes;
  private final Informer storageClasses;
  private final Informer podDisruptionBudgets;

  public SharedInformers(ObjectAccess access) {
    persistentVolumeClaims = new Informer(access, GroupResource.PERSISTENT_VOLUME_CLAIMS);
    persistentVolumes = new Informer(access, GroupResource.PERSISTENT_VOLUMES);
    storageClasses = new Informer(access, GroupResource.STORAGE_CLASSES);
    podDisruptionBudgets = new Informer(access, GroupResource.POD_DISRUPTION_BUDGETS);
    namespaces = new Informer(access, GroupResource.NAMESPACES);
    nodes = new Informer(access, GroupResource.NODES);
    pods = new Informer(access, GroupResource.PODS);
    podsByController = pods.index(SharedInformers::controllerTerm);
    podsByNamespace = pods.indexByNamespace();
    podsByNode = pods.index(pod -> List.of(pod.obj("spec").string("nodeName")));
    services = new Informer(access, GroupResource.SERVICES);
    deployments = new Informer(access, GroupResource.DEPLOYMENTS);
    replicaSets = new Informer(access, GroupResource.REPLICA_SETS);
    replicaSetsByController = replicaSets.index(SharedInformers::controllerTerm);
  }

  private static List<String> controllerTerm(Obj object) {
    Meta meta = Meta.of(object);
    Optional<OwnerReference> controller = meta.controller();
    return List.of(controller.map(OwnerReference::uid).orElse(ORPHANS_OF + meta.namespace()));
  }

  public Informer namespaces() {
    return namespaces;
  }

  /** Whether the namespace is being deleted: nothing can be made in it. */
  public boolean isTerminating(String namespace) {
    return namespaces
        .get(new ObjectKey("", namespace))
        .filter(each -> Meta.of(each).isTerminating())
        .isPresent();
  }

  public Informer nodes() {
    return nodes;
  }

  public Informer pods() {
    return pods;
  }

  /** Pods whose controller has this uid. */
  public List<Obj> podsOf(String controllerUid) {
    return podsByController.get(controllerUid);
  }

  /** Pods of the namespace that have no controller. */
  public List<Obj> orphanPods(String namespace) {
    return podsByController.get(ORPHANS_OF + namespace);
  }

  public List<Obj> podsIn(String namespace) {
    return podsByNamespace.get(namespace);
  }

  /** Pods bound to this node; of the empty name, those bound to none. */
  public List<Obj> podsOn(String nodeName) {
    return podsByNode.get(nodeName);
  }

  public Informer services() {
    return services;
  }

  public Informer deployments() {
    return deployments;
  }

  public Informer replicaSets() {
    return replicaSets;
  }

  public List<Obj> replicaSetsOf(String controllerUid) {
    return replicaSetsByController.get(controllerUid);
  }

  public List<Obj> orphanReplicaSets(String namespace) {
    return replicaSetsByController.get(ORPHANS_OF + namespace);
  }

  public Informer persistentVolumeClaims() {
    return persistentVolumeClaims;
  }

  public Informer persistentVolumes() {
    return persistentVolumes;
  }

  public Informer storageClasses() {
    return storageClasses;
  }

  public Informer podDisruptionBudgets() {
    return podDisruptionBudgets;
  }

  /** Owners come first, so that what they own finds them. */
  public void start() {
    for (Informer each : all()) {
      each.start();
    }
  }

  private List<Informer> all() {
    return List.of(
        namespaces,
        nodes,
        deployments,
        replicaSets,
        services,
        storageClasses,
        persistentVolumeClaims,
        persistentVolumes,
        podDisruptionBudgets,
        pods);
  }

  @Override
  public void close() {
    all().forEach(Informer::close);
  }
}
