package dev.wherry.master.http;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.EndpointSliceView;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.access.Entrance;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.registry.Connector;
import dev.wherry.master.registry.Connector.PortStream;
import dev.wherry.master.registry.ListOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The subresource {@code proxy} of pods, services and nodes: a request of HTTP goes on to what
 * listens there, through the tunnel of its node. Each is served on the thread that calls until it
 * ends. Thread-safe.
 */
final class ProxyRequests {
  /** Steps of {@code /api/v1/nodes/NAME/proxy}. */
  private static final int CLUSTER_STEPS = 5;

  /** Steps of {@code /api/v1/namespaces/NAMESPACE/pods/NAME/proxy}. */
  private static final int NAMESPACE_STEPS = 7;

  private final Entrance entrance;
  private final Connector connector;
  private final NodeEndpoints nodeEndpoints;

  ProxyRequests(Entrance entrance, Connector connector) {
    this.entrance = entrance;
    this.connector = connector;
    this.nodeEndpoints = new NodeEndpoints(entrance.stored());
  }

  /** Connects to what a request goes to. */
  private interface Opener {
    PortStream open() throws IOException;
  }

  void serve(ApiRequest request, Route.Objects route, Exchange exchange) throws IOException {
    entrance.require(request.identity(), verb(request), route.resource(), "proxy", route.key());
    String prefix = prefix(request, route);
    if (prefix.length() == path(request).length() && redirects(request)) {
      exchange.respond(new Answer(301, Answer.TEXT, new byte[0]).with("location", prefix + "/"));
      return;
    }
    ProxyName name = ProxyName.parse(route.key().name());
    ObjectKey key = new ObjectKey(route.key().namespace(), name.name());
    ObjectAccess objects = entrance.stored(); // who may proxy needs no leave to read
    Opener opener;
    switch (route.resource().resource()) {
      case "pods" -> opener = pod(objects.get(GroupResource.PODS, key), name);
      case "services" -> opener = service(objects, key, name);
      default -> {
        NodeView node = new NodeView(objects.get(GroupResource.NODES, key));
        Optional<Answer> known =
            NodeEndpoints.isMeant(name)
                ? nodeEndpoints.answer(node, route.rest())
                : Optional.empty();
        if (known.isPresent()) {
          exchange.respond(known.get());
          return;
        }
        opener = NodeEndpoints.isMeant(name) ? agent(node) : node(node, name);
      }
    }
    relay(request, exchange, prefix, name, opener);
  }

  private static void relay(
      ApiRequest request, Exchange exchange, String prefix, ProxyName name, Opener opener)
      throws IOException {
    try (PortStream stream = opened(opener)) {
      exchange.whenGone(() -> Streams.closeLater(stream));
      new HttpRelay(request, exchange, prefix).run(name, stream);
    }
  }

  private static PortStream opened(Opener opener) {
    try {
      return opener.open();
    } catch (StatusException e) {
      throw unreachable(e);
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private static StatusException unreachable(Exception cause) {
    return StatusException.of(
        Reason.SERVICE_UNAVAILABLE, "error trying to reach service: " + cause.getMessage());
  }

  private static String verb(ApiRequest request) {
    return switch (request.method()) {
      case "POST" -> "create";
      case "PUT" -> "update";
      case "PATCH" -> "patch";
      case "DELETE" -> "delete";
      default -> "get";
    };
  }

  /** A page's relative links go astray without the last slash. */
  private static boolean redirects(ApiRequest request) {
    return request.header("upgrade").isEmpty()
        && (request.method().equals("GET") || request.method().equals("HEAD"));
  }

  private static String path(ApiRequest request) {
    int query = request.target().indexOf('?');
    return query < 0 ? request.target() : request.target().substring(0, query);
  }

  /** The path up to and with {@code /proxy}, as the client wrote it. */
  private static String prefix(ApiRequest request, Route.Objects route) {
    String path = path(request);
    int steps = route.key().namespace().isEmpty() ? CLUSTER_STEPS : NAMESPACE_STEPS;
    int end = 0;
    for (int i = 0; i < steps && end >= 0; i++) {
      end = path.indexOf('/', end + 1);
    }
    return end < 0 ? path : path.substring(0, end);
  }

  private Opener pod(Obj pod, ProxyName name) {
    int port = name.port().isEmpty() ? firstPort(pod, name) : name.number();
    return () -> connector.connect(pod, port);
  }

  private static int firstPort(Obj pod, ProxyName name) {
    for (Obj container : pod.obj("spec").objs("containers")) {
      for (Obj port : container.objs("ports")) {
        return (int) port.number("containerPort", name.number());
      }
    }
    return name.number();
  }

  /** What the agent answers itself. */
  private Opener agent(NodeView node) {
    return () ->
        connector.connect(
            new NodeName(node.meta().name()), "", Integer.parseInt(NodeEndpoints.KUBELET_PORT));
  }

  private Opener node(NodeView node, ProxyName name) {
    String address = node.internalIp().orElse("");
    int port = name.number();
    return () -> connector.connect(new NodeName(node.meta().name()), address, port);
  }

  private record Candidate(EndpointSliceView.Endpoint endpoint, int port) {}

  private Opener service(ObjectAccess objects, ObjectKey key, ProxyName name) {
    String port = portName(objects.get(GroupResource.SERVICES, key), name);
    ListOptions slices =
        ListOptions.ALL.withLabels(
            LabelSelector.parse(EndpointSliceView.SERVICE_NAME_LABEL + "=" + key.name()));
    List<Candidate> candidates = new ArrayList<>();
    for (Obj slice : objects.list(GroupResource.ENDPOINT_SLICES, key.namespace(), slices).items()) {
      for (Obj each : slice.objs("ports")) {
        if (each.string("name").equals(port)) {
          slice.objs("endpoints").stream()
              .map(EndpointSliceView.Endpoint::new)
              .filter(endpoint -> endpoint.ready() && !endpoint.addresses().isEmpty())
              .map(endpoint -> new Candidate(endpoint, (int) each.number("port", 0)))
              .forEach(candidates::add);
        }
      }
    }
    if (candidates.isEmpty()) {
      throw StatusException.of(
          Reason.SERVICE_UNAVAILABLE, "no endpoints available for service \"" + key.name() + "\"");
    }
    Candidate chosen = candidates.get(ThreadLocalRandom.current().nextInt(candidates.size()));
    return endpoint(objects, key.namespace(), chosen);
  }

  private Opener endpoint(ObjectAccess objects, String namespace, Candidate chosen) {
    Obj target = chosen.endpoint().targetRef();
    if (target.string("kind").equals("Pod")) {
      ObjectKey pod = new ObjectKey(target.string("namespace", namespace), target.string("name"));
      return () -> connector.connect(objects.get(GroupResource.PODS, pod), chosen.port());
    }
    // An address that somebody wrote: it may lie anywhere.
    String address = chosen.endpoint().addresses().getFirst();
    return () -> DirectStream.open(address, chosen.port());
  }

  /** The name of the service's port that is meant; a service of one port needs none. */
  private static String portName(Obj service, ProxyName name) {
    if (!name.port().isEmpty() && name.port().chars().allMatch(Character::isDigit)) {
      for (Obj port : service.obj("spec").objs("ports")) {
        if (Long.toString(port.number("port", 0)).equals(name.port())) {
          return port.string("name");
        }
      }
      throw StatusException.of(
          Reason.SERVICE_UNAVAILABLE,
          "no service port " + name.port() + " found for service \"" + name.name() + "\"");
    }
    return name.port();
  }
}
