package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.api.view.NodeView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.samples.UsageReport;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.Hello;
import dev.wherry.proto.v1.MasterMessage;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.TokenRequest;
import dev.wherry.proto.v1.TunnelFrame;
import dev.wherry.proto.v1.Welcome;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The master's end of every agent's session. One watch of each resource serves all sessions; what a
 * node needs is decided in memory. Sessions are answered from {@link #start} on.
 *
 * <p>Who calls is told by {@link Callers}: an agent speaks for its own node alone. Thread-safe.
 */
public final class FleetService extends FleetGrpc.FleetImplBase implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FleetService.class);

  private static final Status STOPPING = Status.UNAVAILABLE.withDescription("the master stops");

  private final Networks networks;
  private final InstantSource clock;
  private final Heartbeats heartbeats = new Heartbeats();
  private final ObjectAccess access;
  private final Function<NodeName, ObjectAccess> nodes;
  private final Registration registration;
  private final FleetWatch watch;
  private final TunnelExchange tunnels;
  private final NodeKeys keys;
  private final PodTokens podTokens;
  private final Map<NodeName, NodeSession> sessions = new ConcurrentHashMap<>();
  private final List<UsageReport.Listener> usageListeners = new CopyOnWriteArrayList<>();
  private final Map<NodeName, Inbox> inboxes = new ConcurrentHashMap<>();
  private volatile boolean closed;

  /** What nodes write is written as the master's own. */
  public FleetService(ObjectAccess access, Networks networks, InstantSource clock) {
    this(access, _ -> access, networks, clock);
  }

  /**
   * @param access reads what nodes need
   * @param nodes writes what a node reports, as that node: it gets no further than its rights
   */
  public FleetService(
      ObjectAccess access,
      Function<NodeName, ObjectAccess> nodes,
      Networks networks,
      InstantSource clock) {
    this.access = access;
    this.nodes = nodes;
    this.networks = networks;
    this.clock = clock;
    this.registration = new Registration(access, clock);
    this.watch = new FleetWatch(access, this::touch, this::nodeDeleted);
    this.tunnels = new TunnelExchange();
    this.keys = new NodeKeys(access, registration);
    this.podTokens = new PodTokens(access, nodes);
  }

  /** Reads what there is and watches it from then on; blocks until all is read. */
  public void start() {
    watch.start();
  }

  /** Has usage told as agents report it. */
  public void onUsage(UsageReport.Listener listener) {
    usageListeners.add(listener);
  }

  /** When nodes were heard of last, for the node lifecycle controller. */
  public Heartbeats heartbeats() {
    return heartbeats;
  }

  /** Whether this node's agent has a session now. */
  public boolean isConnected(NodeName node) {
    return sessions.containsKey(node);
  }

  NodeKeys nodeKeys() {
    return keys;
  }

  @Override
  public void close() {
    closed = true;
    watch.close();
    sessions.values().forEach(session -> session.close(STOPPING));
  }

  @Override
  public StreamObserver<AgentMessage> session(StreamObserver<MasterMessage> responses) {
    return new Conversation((ServerCallStreamObserver<MasterMessage>) responses);
  }

  @Override
  public StreamObserver<TunnelFrame> tunnel(StreamObserver<TunnelFrame> responses) {
    return tunnels.accept(Callers.current(), (ServerCallStreamObserver<TunnelFrame>) responses);
  }

  /**
   * Asks a node for a tunnel and waits for it.
   *
   * @throws StatusException when the node is not in reach or does not answer in time
   */
  TunnelStream open(NodeName node, OpenTunnel.Builder request) {
    NodeSession session = sessions.get(node);
    if (session == null) {
      throw StatusException.of(
          Reason.SERVICE_UNAVAILABLE, "node \"" + node + "\" is not connected to the master");
    }
    return tunnels.open(node, request, session::ask);
  }

  private void touch(NodeName node, Need need) {
    if (node.text().isEmpty()) {
      sessions.values().forEach(session -> session.touch(need));
    } else {
      NodeSession session = sessions.get(node);
      if (session != null) {
        session.touch(need);
      }
    }
  }

  private void nodeDeleted(NodeName node) {
    heartbeats.forget(node);
    registration.forget(node);
    inboxes.remove(node);
    NodeSession session = sessions.get(node);
    if (session != null) {
      session.close(Status.NOT_FOUND.withDescription("node \"" + node + "\" was deleted"));
    }
  }

  private Inbox inbox(NodeName node) {
    return inboxes.computeIfAbsent(
        node,
        name -> new Inbox(name, access, nodes.apply(name), failure -> reportLost(name, failure)));
  }

  /** The agent says everything again in its next session. */
  private void reportLost(NodeName node, StatusException failure) {
    LOG.warn("a report of node {} could not be written: {}", node, failure.getMessage());
    NodeSession session = sessions.get(node);
    if (session != null) {
      session.close(Status.UNAVAILABLE.withDescription("the master cannot write reports now"));
    }
  }

  /** The upward half of a session. Called by one thread at a time. */
  private final class Conversation implements StreamObserver<AgentMessage> {
    private final ServerCallStreamObserver<MasterMessage> out;
    private final Caller caller = Callers.current();
    private volatile @Nullable NodeSession session;
    private Obj node = Obj.EMPTY;

    Conversation(ServerCallStreamObserver<MasterMessage> out) {
      this.out = out;
      out.setOnReadyHandler(
          () -> {
            NodeSession mine = session;
            if (mine != null) {
              mine.ready();
            }
          });
      out.setOnCancelHandler(() -> end(Status.CANCELLED));
    }

    @Override
    public void onNext(AgentMessage message) {
      NodeSession mine = session;
      try {
        if (mine == null) {
          if (message.getMessageCase() != AgentMessage.MessageCase.HELLO) {
            throw Status.INVALID_ARGUMENT
                .withDescription("the first message is no hello")
                .asRuntimeException();
          }
          session = greet(message.getHello());
        } else {
          take(mine, message);
        }
      } catch (io.grpc.StatusRuntimeException e) {
        refuse(e.getStatus());
      } catch (MalformedTreeException e) {
        refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
      } catch (StatusException e) {
        LOG.warn("node said hello and could not be registered: {}", e.getMessage());
        refuse(Status.UNAVAILABLE.withDescription(e.getMessage()));
      }
    }

    private NodeSession greet(Hello hello) {
      NodeName name = new NodeName(hello.getNodeName());
      caller.mustBe(name);
      if (caller instanceof Caller.Certified(NodeName _, String keyHash)
          && !keys.isKeyOf(name, keyHash)) {
        throw Status.UNAUTHENTICATED
            .withDescription(
                "node \"" + name + "\" was deleted or joined anew; it needs a token to join again")
            .asRuntimeException();
      }
      node = registration.register(name, Smile.read(hello.getNode().toByteArray()));
      heartbeats.beat(name, clock.instant());
      registration.renewLease(node);
      NodeSession fresh =
          new NodeSession(name, watch, out, over -> sessions.remove(over.node(), over));
      NodeSession older = sessions.put(name, fresh);
      if (older != null) {
        older.close(Status.ABORTED.withDescription("the node began a newer session"));
      }
      if (closed) { // between the last look at the sessions and this one's
        fresh.close(STOPPING);
      }
      LOG.info("node {} joined the session, agent {}", name, hello.getAgentVersion());
      Welcome welcome =
          Welcome.newBuilder()
              .setPodCidr(String.join(",", new NodeView(node).podCidrs()))
              .setClusterCidr(networks.clusterCidr())
              .setServiceCidr(networks.serviceCidr())
              .build();
      fresh.start(welcome, List.copyOf(hello.getHeldList()));
      return fresh;
    }

    private void take(NodeSession mine, AgentMessage message) {
      NodeName name = mine.node();
      heartbeats.beat(name, clock.instant());
      switch (message.getMessageCase()) {
        case HEARTBEAT -> registration.renewLease(node);
        case POD_STATUS -> {
          ObjectName pod = message.getPodStatus().getPod();
          Obj status = Smile.read(message.getPodStatus().getStatus().toByteArray());
          inbox(name).podStatus(key(pod), new PodUid(pod.getUid()), status);
        }
        case POD_GONE -> {
          ObjectName pod = message.getPodGone().getPod();
          inbox(name).podGone(key(pod), new PodUid(pod.getUid()));
        }
        case NODE_STATUS ->
            inbox(name).nodeStatus(Smile.read(message.getNodeStatus().getStatus().toByteArray()));
        case MIRROR_POD ->
            inbox(name).mirrorPod(Smile.read(message.getMirrorPod().getPod().toByteArray()));
        case EVENT -> inbox(name).event(Smile.read(message.getEvent().getEvent().toByteArray()));
        case USAGE -> {
          UsageReport report = UsageMessages.read(name, message.getUsage());
          usageListeners.forEach(listener -> listener.onReport(report));
        }
        case TOKEN_REQUEST -> {
          TokenRequest request = message.getTokenRequest();
          // Off gRPC's thread: it waits for the registry.
          Thread.ofVirtual().start(() -> mine.answer(podTokens.answer(name, request)));
        }
        case HELLO ->
            throw Status.INVALID_ARGUMENT.withDescription("a second hello").asRuntimeException();
        case MESSAGE_NOT_SET -> LOG.debug("node {} sent a message of a newer kind", name);
      }
    }

    private static ObjectKey key(ObjectName name) {
      return new ObjectKey(name.getNamespace(), name.getName());
    }

    private void refuse(Status status) {
      NodeSession mine = session;
      if (mine == null) {
        out.onError(status.asRuntimeException());
      } else {
        end(status);
      }
    }

    private void end(Status status) {
      NodeSession mine = session;
      if (mine != null) {
        mine.close(status);
      }
    }

    @Override
    public void onError(Throwable t) {
      end(Status.CANCELLED);
    }

    @Override
    public void onCompleted() {
      end(Status.CANCELLED.withDescription("the agent ended the session"));
    }
  }
}
