package dev.wherry.agent.link;

import com.google.protobuf.UnsafeByteOperations;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.AgentMessage;
import dev.wherry.proto.v1.FleetGrpc;
import dev.wherry.proto.v1.Heartbeat;
import dev.wherry.proto.v1.Hello;
import dev.wherry.proto.v1.MasterMessage;
import dev.wherry.proto.v1.Welcome;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One session from hello to its end. Used once. */
final class Session implements ClientResponseObserver<AgentMessage, MasterMessage> {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final LinkOptions options;
  private final FleetGrpc.FleetStub master;
  private final Inventory inventory;
  private final Outbox outbox;
  private final Tunnels tunnels;
  private final TokenRequests tokens;
  private final AtomicBoolean connected;
  private final CountDownLatch ended = new CountDownLatch(1);
  private volatile Status end = Status.OK;
  private volatile boolean welcomed;
  private volatile @Nullable ClientCallStreamObserver<AgentMessage> requests;

  Session(
      LinkOptions options,
      Channel channel,
      Inventory inventory,
      Outbox outbox,
      Tunnels tunnels,
      TokenRequests tokens,
      AtomicBoolean connected) {
    this.options = options;
    this.master = FleetGrpc.newStub(channel);
    this.inventory = inventory;
    this.outbox = outbox;
    this.tunnels = tunnels;
    this.tokens = tokens;
    this.connected = connected;
  }

  /** Holds the session until it ends; why it did. */
  Status run() throws InterruptedException {
    outbox.restart();
    Hello hello = hello();
    master.session(this);
    ClientCallStreamObserver<AgentMessage> out = requests;
    if (out == null) {
      throw new IllegalStateException("gRPC did not say beforeStart");
    }
    try {
      out.onNext(AgentMessage.newBuilder().setHello(hello).build());
      send(out);
    } catch (InterruptedException e) {
      out.cancel("the agent stops", e);
      throw e;
    } catch (RuntimeException e) {
      out.cancel("the agent could not go on", e);
      awaitEnd();
      throw e;
    }
    awaitEnd();
    return end;
  }

  /**
   * Once it has ended no message of this session is on its way into the desired state. A call that
   * began on a transport that was just ending may have lost the one who would say so.
   */
  private void awaitEnd() throws InterruptedException {
    if (!ended.await(options.patience().toNanos(), TimeUnit.NANOSECONDS)) {
      over(Status.UNAVAILABLE.withDescription("the session was given up and did not end"));
    }
  }

  private Hello hello() {
    Obj node = options.nodeObject().get();
    Optional<Obj> status = outbox.lastNodeStatus();
    if (status.isPresent()) {
      node = node.with("status", status.get());
    }
    return Hello.newBuilder()
        .setNodeName(options.node().text())
        .setAgentVersion(options.agentVersion())
        .setNode(UnsafeByteOperations.unsafeWrap(Smile.write(node)))
        .addAllHeld(inventory.held())
        .build();
  }

  private void send(ClientCallStreamObserver<AgentMessage> out) throws InterruptedException {
    long interval = options.heartbeat().toNanos();
    long began = System.nanoTime();
    long spoke = began;
    while (!isOver()) {
      if (!welcomed && System.nanoTime() - began > options.patience().toNanos()) {
        out.cancel("the master did not answer the hello within " + options.patience(), null);
        return;
      }
      long left = spoke + interval - System.nanoTime();
      Optional<AgentMessage> message =
          outbox.await(Math.max(left, 0), () -> !out.isReady(), this::isOver);
      if (isOver()) {
        return;
      }
      if (message.isPresent()) {
        out.onNext(message.get());
      } else {
        out.onNext(AgentMessage.newBuilder().setHeartbeat(Heartbeat.getDefaultInstance()).build());
        inventory.keepMirrors();
      }
      spoke = System.nanoTime();
    }
  }

  private boolean isOver() {
    return ended.getCount() == 0;
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<AgentMessage> requestStream) {
    requests = requestStream;
    requestStream.setOnReadyHandler(outbox::wake);
  }

  @Override
  public void onNext(MasterMessage message) {
    if (isOver()) {
      return; // of a call that was given up
    }
    try {
      switch (message.getMessageCase()) {
        case WELCOME -> welcome(message.getWelcome());
        case UPSERT -> inventory.upsert(message.getUpsert());
        case REMOVE -> inventory.remove(message.getRemove());
        case SYNCED -> inventory.synced();
        case OPEN_TUNNEL -> tunnels.open(master, inventory.known(message.getOpenTunnel()));
        case TOKEN_ANSWER -> tokens.answered(message.getTokenAnswer());
        case MESSAGE_NOT_SET -> LOG.debug("a newer master sends a message of a newer kind");
      }
    } catch (MalformedTreeException e) {
      LOG.error("the master sent an object that cannot be read: {}", e.getMessage());
    }
  }

  private void welcome(Welcome welcome) {
    welcomed = true;
    connected.set(true);
    tokens.connected();
    LOG.info("the master took node {} in, pods {}", options.node(), welcome.getPodCidr());
    inventory.networks(
        new DesiredState.Networks(
            welcome.getPodCidr(), welcome.getClusterCidr(), welcome.getServiceCidr()));
  }

  @Override
  public void onError(Throwable t) {
    over(Status.fromThrowable(t));
  }

  @Override
  public void onCompleted() {
    over(Status.OK.withDescription("the master ended the session"));
  }

  private void over(Status status) {
    end = status;
    ended.countDown();
    outbox.wake();
  }
}
