package dev.wherry.master.controllers.loadbalancer;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.ServiceView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Gives services of type LoadBalancer their addresses: those of the nodes, or one of a pool that a
 * node announces. Thread-safe.
 */
public final class LoadBalancerController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "service-controller";

  /** Kubernetes: nodes with this label stay out of load balancers. */
  private static final String EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";

  /** What a node's agent says of the networks that the node is on. */
  private static final String NETWORKS = "wherry.dev/networks";

  /** One at a time: two services must not take the same address. */
  private static final int PARALLELISM = 1;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Informer.Index slicesByService;
  private final AddressRange pool;
  private final EventSink.Recorder events;
  private final ControllerRunner<ObjectKey> runner;

  public LoadBalancerController(
      ObjectAccess access,
      SharedInformers informers,
      Informer slices,
      AddressRange pool,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.pool = pool;
    this.events = events;
    this.slicesByService =
        slices.index(slice -> List.of(serviceOf(new EndpointSliceView(slice)).toString()));
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    informers.services().listen(this::onService);
    informers.nodes().listen(this::onNode);
    slices.listen(change -> runner.enqueue(serviceOf(new EndpointSliceView(change.object()))));
  }

  private static ObjectKey serviceOf(EndpointSliceView slice) {
    return new ObjectKey(slice.meta().namespace(), slice.serviceName());
  }

  private void onService(Informer.Change change) {
    if (change instanceof Informer.Change.Removed) {
      enqueueAll(); // its address may be what another waits for
    } else {
      runner.enqueue(ObjectKey.of(change.object()));
    }
  }

  private void onNode(Informer.Change change) {
    boolean same =
        change instanceof Informer.Change.Modified(Obj now, Obj before)
            && candidate(now).equals(candidate(before));
    if (!same) {
      enqueueAll();
    }
  }

  private void enqueueAll() {
    for (Obj each : informers.services().all()) {
      if (new ServiceView(each).type().equals("LoadBalancer")) {
        runner.enqueue(ObjectKey.of(each));
      }
    }
  }

  private static Optional<LoadBalancerPlan.Candidate> candidate(Obj object) {
    NodeView node = new NodeView(object);
    return node.isReady() && !node.labels().containsKey(EXCLUDED)
        ? Optional.of(
            new LoadBalancerPlan.Candidate(
                node.name().text(), node.internalIps(), networks(node.meta().annotations())))
        : Optional.empty();
  }

  private static List<Cidr> networks(Map<String, String> annotations) {
    return Arrays.stream(annotations.getOrDefault(NETWORKS, "").split(","))
        .flatMap(each -> Cidr.find(each).stream())
        .toList();
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<Obj> found = informers.services().get(key);
    if (found.map(ServiceView::new).filter(each -> !LoadBalancerPlan.isAnothers(each)).isEmpty()) {
      return Outcome.DONE;
    }
    ServiceView service = new ServiceView(found.get());
    LoadBalancerPlan plan =
        LoadBalancerPlan.plan(
            service,
            candidates(),
            endpointNodes(key),
            pool,
            LoadBalancerPlan.taken(key, informers.services().all(), informers.nodes().all(), pool));
    if (!plan.problem().isEmpty()) {
      String reason = plan.addresses().isEmpty() ? "AllocationFailed" : "NotAnnounced";
      events.record(EventNote.warning(found.get(), reason, plan.problem()));
    }
    apply(found.get(), plan);
    return Outcome.DONE;
  }

  private List<LoadBalancerPlan.Candidate> candidates() {
    List<LoadBalancerPlan.Candidate> candidates = new ArrayList<>();
    informers.nodes().all().forEach(node -> candidate(node).ifPresent(candidates::add));
    return candidates;
  }

  private Set<String> endpointNodes(ObjectKey service) {
    Set<String> nodes = new HashSet<>();
    for (Obj slice : slicesByService.get(service.toString())) {
      for (EndpointSliceView.Endpoint each : new EndpointSliceView(slice).endpoints()) {
        if (each.ready()) {
          nodes.add(each.nodeName());
        }
      }
    }
    return nodes;
  }

  private void apply(Obj service, LoadBalancerPlan plan) {
    try {
      Obj now = service;
      Obj status = plan.status(now.obj("status"));
      if (!status.equals(now.obj("status"))) {
        now = access.updateStatus(GroupResource.SERVICES, now.with("status", status));
        informers.services().wrote(now);
      }
      String announcer = Meta.of(now).annotations().getOrDefault(LoadBalancerPlan.ANNOUNCER, "");
      if (!announcer.equals(plan.announcer())) {
        Obj changed = now.change("metadata", metadata -> announced(metadata, plan.announcer()));
        informers.services().wrote(access.update(GroupResource.SERVICES, changed));
      }
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
  }

  private static Obj announced(Obj metadata, String node) {
    Obj annotations = metadata.obj("annotations");
    Obj changed =
        node.isEmpty()
            ? annotations.without(LoadBalancerPlan.ANNOUNCER)
            : annotations.with(LoadBalancerPlan.ANNOUNCER, node);
    return changed.isEmpty()
        ? metadata.without("annotations")
        : metadata.with("annotations", changed);
  }
}
