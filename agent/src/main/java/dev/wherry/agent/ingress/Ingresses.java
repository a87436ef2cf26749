package dev.wherry.agent.ingress;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.ingress.IngressRouter.Mistake;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.IngressClassView;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This node's HTTP routes: nothing listens while there is no Ingress of this controller's class,
 * and from the first one on changes of routes reach the next request. Thread-safe.
 */
public final class Ingresses implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Ingresses.class);
  private static final Set<Resource> FOLLOWED =
      Set.of(Resource.INGRESSES, Resource.INGRESS_CLASSES);

  private final DesiredState desired;
  private final NodeName node;
  private final IngressEvents events;
  private final Complaints complaints;
  private final Gate gate;
  private final int httpPort;
  private final int httpsPort;
  private final ServiceEndpoints services;
  private final IngressCounters counters = new IngressCounters();
  private final IngressCertificates certificates;
  private final ReentrantLock lock = new ReentrantLock();
  private final AtomicBoolean asked = new AtomicBoolean();
  // Guarded by the lock.
  private @Nullable IngressServer server;
  private @Nullable IngressTraffic traffic;
  private Set<Mistake> told = Set.of();
  private boolean closed;

  /**
   * @param node whose labels may decide which classes are served here
   * @param names finds where services of type ExternalName lead
   * @param events hears what is wrong with Ingresses
   * @param httpPort 0: no plain HTTP
   * @param httpsPort 0: no HTTPS
   */
  public Ingresses(
      DesiredState desired,
      NodeName node,
      ExternalNames names,
      IngressEvents events,
      int httpPort,
      int httpsPort) {
    this.desired = desired;
    this.node = node;
    this.services = ServiceEndpoints.follow(desired, names);
    this.events = events;
    this.complaints = new Complaints(events, InstantSource.system());
    this.gate = new Gate(new RateLimits(System::nanoTime), new Logins(desired), complaints);
    this.httpPort = httpPort;
    this.httpsPort = httpsPort;
    this.certificates = new IngressCertificates(desired, InstantSource.system());
  }

  /** Begins to follow the Ingresses. */
  public void start() {
    desired.listen(
        change -> {
          switch (change) {
            case Change.Upserted(var resource, var object) -> askIfFollowed(resource, object);
            case Change.Removed(var resource, var last) -> askIfFollowed(resource, last);
            case Change.NetworksKnown _, Change.Synced _ -> {}
          }
        });
    ask();
  }

  private void askIfFollowed(Resource resource, Obj object) {
    boolean ownNode = resource == Resource.NODES && ObjectKey.of(object).name().equals(node.text());
    if (FOLLOWED.contains(resource) || ownNode) {
      ask();
    }
  }

  private void ask() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual().name("ingresses").start(this::apply);
    }
  }

  private void apply() {
    lock.lock();
    try {
      asked.set(false);
      if (closed) {
        return;
      }
      IngressRouter router = IngressRouter.of(desired.all(Resource.INGRESSES), servedClasses());
      tell(router.mistakes());
      certificates.retain(router.secrets());
      if (router.isEmpty()) {
        stop();
      } else if (traffic == null) {
        open(router);
      } else {
        traffic.route(router);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Says once what is wrong, and again when it was right in between. */
  private void tell(List<Mistake> mistakes) {
    for (Mistake each : mistakes) {
      if (!told.contains(each)) {
        LOG.warn("Ingress {}: {}", each.ingress(), each.message());
        events.warn(each.ingress(), each.reason(), each.message());
      }
    }
    told = Set.copyOf(mistakes);
  }

  /** The classes that this node serves: all of them, or by its labels. */
  private List<Obj> servedClasses() {
    Map<String, String> labels =
        desired
            .get(Resource.NODES, new ObjectKey("", node.text()))
            .map(own -> Meta.of(own).labels())
            .orElse(Map.of());
    List<Obj> served = new ArrayList<>();
    for (Obj each : desired.all(Resource.INGRESS_CLASSES)) {
      IngressClassView view = new IngressClassView(each);
      try {
        if (view.isServedBy(labels)) {
          served.add(each);
        }
      } catch (IllegalArgumentException e) {
        LOG.warn(
            "class {} is served nowhere: {}: {}",
            view.meta().name(),
            IngressClassView.NODE_SELECTOR,
            e.getMessage());
      }
    }
    return served;
  }

  private void open(IngressRouter router) {
    IngressTraffic fresh =
        new IngressTraffic(
            router,
            services,
            counters,
            new TlsClients(desired),
            new Admission(gate, httpsPort),
            complaints,
            httpsPort);
    server = IngressServer.start(httpPort, httpsPort, fresh, certificates);
    traffic = fresh;
  }

  private void stop() {
    IngressServer running = server;
    if (running != null) {
      running.close();
      LOG.info("no routes are left to serve");
    }
    server = null;
    traffic = null;
  }

  /** What went through this node's routes. */
  public IngressCounters counters() {
    return counters;
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      stop();
    } finally {
      lock.unlock();
    }
  }
}
