package dev.wherry.agent.bootstrap;

import dev.wherry.agent.ingress.IngressCounters;
import dev.wherry.agent.ingress.Ingresses;
import dev.wherry.agent.services.ServiceCount;
import dev.wherry.agent.services.ServiceDataplane;
import dev.wherry.agent.usage.NodeTraffic;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings together what a node's services and routes have counted. Thread-safe. */
record NetworkTraffic(ServiceDataplane services, Ipv6Dataplane six, Ingresses ingresses) {
  private static final Logger LOG = LoggerFactory.getLogger(NetworkTraffic.class);

  /** What went to services and through routes; what a route led to a service counts there too. */
  NodeTraffic read() {
    Map<ObjectKey, NodeTraffic.Count> toServices = new HashMap<>();
    try {
      add(toServices, services.counts());
      add(toServices, six.counts());
    } catch (IOException e) {
      LOG.debug("services are not counted: {}", e.getMessage()); // no table yet, or flushed
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    ingresses
        .counters()
        .services()
        .forEach((key, count) -> toServices.merge(key, count(count), NodeTraffic.Count::plus));
    Map<ObjectKey, NodeTraffic.Count> byIngress = new HashMap<>();
    ingresses.counters().ingresses().forEach((key, count) -> byIngress.put(key, count(count)));
    return new NodeTraffic(toServices, byIngress);
  }

  private static void add(
      Map<ObjectKey, NodeTraffic.Count> traffic, Map<ObjectKey, ServiceCount> counts) {
    counts.forEach(
        (key, count) ->
            traffic.merge(
                key,
                new NodeTraffic.Count(count.connections(), count.connections(), count.bytes()),
                NodeTraffic.Count::plus));
  }

  private static NodeTraffic.Count count(IngressCounters.Count count) {
    return new NodeTraffic.Count(count.requests(), 0, count.bytes());
  }
}
