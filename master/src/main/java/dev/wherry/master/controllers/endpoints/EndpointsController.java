package dev.wherry.master.controllers.endpoints;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.ServiceView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.StatusPace;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Keeps the endpoint slices and the endpoints of services that have a selector, and mirrors the
 * endpoints that somebody makes for a service without one. Slices are what nodes go by and follow
 * quickly; endpoints are for tools and follow at leisure. Slices of a deleted service go with it as
 * its dependents. Thread-safe.
 */
public final class EndpointsController implements Controller, Reconciler<ObjectKey> {
  private static final int PARALLELISM = 3;
  private static final Duration SLICE_INTERVAL = Duration.ofMillis(100);
  private static final Duration LEGACY_INTERVAL = Duration.ofSeconds(1);

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Zones zones;
  private final Informer slices;
  private final Informer.Index slicesByService;
  private final Informer endpoints;
  private final StatusPace<ObjectKey> slicePace;
  private final StatusPace<ObjectKey> legacyPace;
  private final ControllerRunner<ObjectKey> runner;
  private final Informer.Index servicesByNamespace;
  private final EventSink.Recorder events;
  private final TopologyEvents topologyEvents;

  /** By service, the pods without an ordinary address that were told of. */
  private final Map<ObjectKey, Set<ObjectKey>> unreachable = new ConcurrentHashMap<>();

  public EndpointsController(
      ObjectAccess access,
      SharedInformers informers,
      Informer slices,
      Informer endpoints,
      EventSink.Recorder events,
      Timer timer) {
    this.events = events;
    this.topologyEvents = new TopologyEvents(events);
    this.access = access;
    this.informers = informers;
    this.zones = new NodeZones(informers.nodes());
    this.slices = slices;
    this.slicesByService =
        slices.index(slice -> List.of(serviceOf(new EndpointSliceView(slice)).toString()));
    this.endpoints = endpoints;
    this.slicePace = new StatusPace<>(timer, SLICE_INTERVAL);
    this.legacyPace = new StatusPace<>(timer, LEGACY_INTERVAL);
    this.runner = new ControllerRunner<>("endpoints-controller", PARALLELISM, this, timer);
    this.servicesByNamespace = informers.services().indexByNamespace();
    informers.services().listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    informers.pods().listen(this::onPod);
    informers.nodes().listen(this::onNode);
    slices.listen(change -> runner.enqueue(serviceOf(new EndpointSliceView(change.object()))));
    endpoints.listen(this::onEndpoints);
  }

  private static ObjectKey serviceOf(EndpointSliceView slice) {
    return new ObjectKey(slice.meta().namespace(), slice.serviceName());
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  /** Endpoints without a service are somebody's own, perhaps of a service that is yet to come. */
  private void onEndpoints(Informer.Change change) {
    ObjectKey key = ObjectKey.of(change.object());
    if (informers.services().get(key).isPresent()) {
      runner.enqueue(key);
    }
  }

  private void onPod(Informer.Change change) {
    switch (change) {
      case Informer.Change.Added(Obj pod) -> enqueueSelecting(pod);
      case Informer.Change.Removed(Obj pod) -> enqueueSelecting(pod);
      case Informer.Change.Modified(Obj now, Obj before) -> {
        boolean relabelled = !Meta.of(now).labels().equals(Meta.of(before).labels());
        if (relabelled) {
          enqueueSelecting(before);
        }
        if (relabelled || concerns(new PodView(now), new PodView(before))) {
          enqueueSelecting(now);
        }
      }
    }
  }

  private static boolean concerns(PodView now, PodView before) {
    return now.isReady() != before.isReady()
        || now.isTerminating() != before.isTerminating()
        || now.isFinished() != before.isFinished()
        || !now.podIp().equals(before.podIp())
        || !now.podIps().equals(before.podIps())
        || !now.nodeName().equals(before.nodeName());
  }

  /** A node moves to another zone once in its life: all services are looked at. */
  private void onNode(Informer.Change change) {
    boolean moved = NodeZones.hasMoved(change);
    if (moved || NodeZones.haveOtherShares(change)) {
      informers.services().all().stream()
          .filter(each -> moved || EndpointTopology.isAuto(new ServiceView(each)))
          .forEach(each -> runner.enqueue(ObjectKey.of(each)));
    }
  }

  private void enqueueSelecting(Obj pod) {
    Meta meta = Meta.of(pod);
    for (Obj each : servicesByNamespace.get(meta.namespace())) {
      ServiceView service = new ServiceView(each);
      if (!service.selector().isEmpty()
          && LabelSelector.ofLabels(service.selector()).matches(meta.labels())) {
        runner.enqueue(service.key());
      }
    }
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<ServiceView> found = informers.services().get(key).map(ServiceView::new);
    if (found.isEmpty()) {
      unreachable.remove(key);
      topologyEvents.forget(key);
      endpoints.get(key).ifPresent(_ -> delete(endpoints, key));
      return Outcome.DONE;
    }
    ServiceView service = found.get();
    boolean ending = service.meta().isTerminating() || informers.isTerminating(key.namespace());
    if (!ending) {
      boolean foreign = service.selector().isEmpty() && !service.type().equals("ExternalName");
      mirror(key, foreign ? endpoints.get(key) : Optional.empty());
    }
    if (service.selector().isEmpty() || service.type().equals("ExternalName") || ending) {
      return Outcome.DONE; // somebody else makes its endpoints, or nobody
    }
    LabelSelector selector = LabelSelector.ofLabels(service.selector());
    List<PodView> pods = new ArrayList<>();
    for (Obj pod : informers.podsIn(key.namespace())) {
      if (selector.matches(Meta.of(pod).labels())) {
        pods.add(new PodView(pod));
      }
    }
    tellUnreachable(service, pods);
    Duration sliceWait = applySlices(service, pods);
    Duration legacyWait = applyLegacy(service, pods);
    return soonest(sliceWait, legacyWait);
  }

  /** Tells once of each pod that can be no endpoint since nobody else could reach its address. */
  private void tellUnreachable(ServiceView service, List<PodView> pods) {
    Set<ObjectKey> now = new HashSet<>();
    for (PodView pod : pods) {
      if (!pod.isFinished() && !pod.podIp().isEmpty() && !PodAddress.isOrdinary(pod.podIp())) {
        now.add(pod.key());
      }
    }
    Set<ObjectKey> before =
        now.isEmpty()
            ? Optional.ofNullable(unreachable.remove(service.key())).orElse(Set.of())
            : Optional.ofNullable(unreachable.put(service.key(), now)).orElse(Set.of());
    for (PodView pod : pods) {
      if (now.contains(pod.key()) && !before.contains(pod.key())) {
        events.record(
            EventNote.warning(
                service.tree(),
                "UnreachableEndpoint",
                "Pod %s is no endpoint: no other machine can reach its address %s"
                    .formatted(pod.key(), pod.podIp())));
      }
    }
  }

  /** Slices of what somebody else made; there are none where that is empty. */
  private void mirror(ObjectKey key, Optional<Obj> made) {
    MirrorPlan plan = MirrorPlan.plan(made, slicesOf(key, MirrorPlan.CONTROLLER));
    for (Obj slice : plan.create()) {
      slices.wrote(access.create(GroupResource.ENDPOINT_SLICES, slice));
    }
    for (Obj slice : plan.update()) {
      slices.wrote(access.update(GroupResource.ENDPOINT_SLICES, slice));
    }
    plan.delete().forEach(slice -> delete(slices, ObjectKey.of(slice)));
  }

  private List<Obj> slicesOf(ObjectKey service, String controller) {
    return slicesByService.get(service.toString()).stream()
        .filter(
            slice ->
                Meta.of(slice)
                    .labels()
                    .getOrDefault(EndpointSliceView.MANAGED_BY_LABEL, "")
                    .equals(controller))
        .toList();
  }

  private static Outcome soonest(Duration one, Duration other) {
    if (!one.isPositive() && !other.isPositive()) {
      return Outcome.DONE;
    }
    boolean first = one.isPositive() && (!other.isPositive() || one.compareTo(other) < 0);
    return Outcome.after(first ? one : other);
  }

  /** For how long the slices have to wait; zero: they are as they should be. */
  private Duration applySlices(ServiceView service, List<PodView> pods) {
    List<Obj> ours = slicesOf(service.key(), EndpointSlicePlan.CONTROLLER);
    EndpointSlicePlan plan = EndpointSlicePlan.plan(service, pods, ours, zones);
    Duration left = plan.isEmpty() ? Duration.ZERO : slicePace.left(service.key());
    if (left.isPositive()) {
      return left;
    }
    topologyEvents.tell(service.tree(), plan.obstacles());
    if (plan.isEmpty()) {
      return Duration.ZERO;
    }
    slicePace.wrote(service.key());
    Parallel.forEach(
        plan.create(), slice -> slices.wrote(access.create(GroupResource.ENDPOINT_SLICES, slice)));
    Parallel.forEach(
        plan.update(), slice -> slices.wrote(access.update(GroupResource.ENDPOINT_SLICES, slice)));
    Parallel.forEach(plan.delete(), slice -> delete(slices, ObjectKey.of(slice)));
    return Duration.ZERO;
  }

  private Duration applyLegacy(ServiceView service, List<PodView> pods) {
    Obj wanted = LegacyEndpoints.of(service, pods);
    Optional<Obj> stored = endpoints.get(service.key());
    if (stored.filter(each -> LegacyEndpoints.isSaidBy(wanted, each)).isPresent()) {
      return Duration.ZERO;
    }
    Duration left = legacyPace.left(service.key());
    if (left.isPositive()) {
      return left;
    }
    legacyPace.wrote(service.key());
    endpoints.wrote(
        stored.isPresent()
            ? access.update(GroupResource.ENDPOINTS, wanted)
            : access.create(GroupResource.ENDPOINTS, wanted));
    return Duration.ZERO;
  }

  private void delete(Informer informer, ObjectKey key) {
    try {
      informer.deletedByUs(access.delete(informer.resource(), key, DeleteOptions.DEFAULT));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }
}
