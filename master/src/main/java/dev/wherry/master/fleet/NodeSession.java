package dev.wherry.master.fleet;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.Held;
import dev.wherry.proto.v1.MasterMessage;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.Remove;
import dev.wherry.proto.v1.Synced;
import dev.wherry.proto.v1.TokenAnswer;
import dev.wherry.proto.v1.Upsert;
import dev.wherry.proto.v1.Welcome;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The downward half of one agent's session. It keeps what the agent holds and the set of names to
 * look at again; one virtual thread looks, compares and sends while gRPC has room. Changes to one
 * object that come faster than the agent takes them merge into one.
 *
 * <p>At most {@value #MAX_TOUCHED} names wait; one more closes the session, and the agent's next
 * one sends the difference. Thread-safe.
 */
final class NodeSession {
  private static final Logger LOG = LoggerFactory.getLogger(NodeSession.class);
  static final int MAX_TOUCHED = 65_536;
  static final int MAX_WAITING_REQUESTS = 256;

  /** What a session reads from: the objects as they are now. */
  interface Objects {
    /** The names that the node needs, pods last. */
    List<Need> all(NodeName node);

    /** The object when the node needs it and it exists. May block. */
    Optional<Obj> read(NodeName node, Need need);
  }

  private record Sent(String uid, String version) {}

  private final NodeName node;
  private final Objects objects;
  private final ServerCallStreamObserver<MasterMessage> out;
  private final Consumer<NodeSession> over;
  private final Map<Need, Sent> held = new HashMap<>(); // confined to the sending thread
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition awake = lock.newCondition();
  private final Set<Need> touched = new LinkedHashSet<>();
  private final ArrayDeque<MasterMessage> waiting = new ArrayDeque<>();
  private @Nullable Status end;

  /**
   * @param over told once, when nothing is sent any more
   */
  NodeSession(
      NodeName node,
      Objects objects,
      ServerCallStreamObserver<MasterMessage> out,
      Consumer<NodeSession> over) {
    this.node = node;
    this.objects = objects;
    this.out = out;
    this.over = over;
  }

  NodeName node() {
    return node;
  }

  /** Starts to send: the welcome, all that differs from what the agent holds, then changes. */
  void start(Welcome welcome, List<Held> inventory) {
    List<Need> foreign = new ArrayList<>();
    for (Held each : inventory) {
      need(each)
          .ifPresent(
              need -> {
                held.put(need, new Sent(each.getName().getUid(), each.getVersion()));
                foreign.add(need);
              });
    }
    Thread.ofVirtual().name("session-" + node).start(() -> run(welcome, foreign));
  }

  private static Optional<Need> need(Held held) {
    for (Need.Kind kind : Need.Kind.values()) {
      if (kind.plural().equals(held.getResource())) {
        ObjectName name = held.getName();
        return Optional.of(new Need(kind, new ObjectKey(name.getNamespace(), name.getName())));
      }
    }
    return Optional.empty();
  }

  /** Has the name looked at again. */
  void touch(Need need) {
    lock.lock();
    try {
      if (touched.size() >= MAX_TOUCHED && !touched.contains(need)) {
        endWith(Status.RESOURCE_EXHAUSTED.withDescription("the agent is too slow: resync"));
      } else if (touched.add(need)) {
        awake.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  /** Asks the agent for a tunnel; false when the session is over or has too many requests. */
  boolean ask(OpenTunnel request) {
    return add(MasterMessage.newBuilder().setOpenTunnel(request).build());
  }

  /** Answers a request for a token; one that finds no room is dropped, and the agent asks again. */
  void answer(TokenAnswer answer) {
    if (!add(MasterMessage.newBuilder().setTokenAnswer(answer).build())) {
      LOG.debug("an answer to node {} is dropped", node);
    }
  }

  private boolean add(MasterMessage message) {
    lock.lock();
    try {
      if (end != null || waiting.size() >= MAX_WAITING_REQUESTS) {
        return false;
      }
      waiting.add(message);
      awake.signalAll();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** gRPC has room again. */
  void ready() {
    lock.lock();
    try {
      awake.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Ends the session; the first cause counts. */
  void close(Status cause) {
    lock.lock();
    try {
      endWith(cause);
    } finally {
      lock.unlock();
    }
  }

  private void endWith(Status cause) {
    if (end == null) {
      end = cause;
      awake.signalAll();
    }
  }

  /** Thrown through the sending thread when the session is over. */
  private static final class Ended extends Exception {
    private static final long serialVersionUID = 1L;

    Ended() {
      super(null, null, false, false);
    }
  }

  private void run(Welcome welcome, List<Need> inventory) {
    try {
      send(MasterMessage.newBuilder().setWelcome(welcome).build());
      Set<Need> first = new LinkedHashSet<>(inventory);
      List<Need> needed = objects.all(node);
      first.removeAll(needed); // what goes first, what comes in its order after it
      first.addAll(needed);
      for (Need need : first) {
        tell(need);
        sendWaiting();
      }
      send(MasterMessage.newBuilder().setSynced(Synced.getDefaultInstance()).build());
      while (true) {
        List<Need> batch = awaitWork();
        sendWaiting();
        for (Need need : batch) {
          tell(need);
        }
      }
    } catch (Ended _) {
      finish();
    } catch (RuntimeException e) {
      LOG.warn("the session of node {} broke", node, e);
      close(Status.UNAVAILABLE.withDescription("the master could not go on: " + e.getMessage()));
      finish();
    }
  }

  private void finish() {
    over.accept(this);
    if (!out.isCancelled()) {
      out.onError(cause().asRuntimeException());
    }
  }

  private Status cause() {
    lock.lock();
    try {
      return end == null ? Status.UNAVAILABLE : end;
    } finally {
      lock.unlock();
    }
  }

  private List<Need> awaitWork() throws Ended {
    lock.lock();
    try {
      while (end == null && touched.isEmpty() && waiting.isEmpty()) {
        awake.awaitUninterruptibly();
      }
      if (end != null) {
        throw new Ended();
      }
      List<Need> batch = new ArrayList<>(touched);
      touched.clear();
      return batch;
    } finally {
      lock.unlock();
    }
  }

  private void sendWaiting() throws Ended {
    while (true) {
      MasterMessage message;
      lock.lock();
      try {
        message = waiting.poll();
      } finally {
        lock.unlock();
      }
      if (message == null) {
        return;
      }
      send(message);
    }
  }

  /** Compares what the agent holds under this name with what is there, and sends the difference. */
  private void tell(Need need) throws Ended {
    Optional<Obj> object = objects.read(node, need);
    Sent before = held.get(need);
    if (object.isEmpty()) {
      if (before != null) {
        held.remove(need);
        send(remove(need, before.uid()));
      }
      return;
    }
    Portion portion = Portion.of(need.kind(), object.get());
    Sent now = new Sent(Meta.of(portion.object()).uid(), portion.version());
    if (now.equals(before)) {
      return;
    }
    if (before != null && !before.uid().equals(now.uid())) {
      send(remove(need, before.uid())); // deleted and made anew under the same name
    }
    held.put(need, now);
    send(upsert(need, portion));
  }

  private static MasterMessage upsert(Need need, Portion portion) {
    ByteString bytes = UnsafeByteOperations.unsafeWrap(Smile.write(portion.object()));
    return MasterMessage.newBuilder()
        .setUpsert(
            Upsert.newBuilder()
                .setResource(need.kind().plural())
                .setObject(bytes)
                .setVersion(portion.version()))
        .build();
  }

  private static MasterMessage remove(Need need, String uid) {
    ObjectName.Builder name =
        ObjectName.newBuilder()
            .setNamespace(need.key().namespace())
            .setName(need.key().name())
            .setUid(uid);
    return MasterMessage.newBuilder()
        .setRemove(Remove.newBuilder().setResource(need.kind().plural()).setName(name))
        .build();
  }

  private void send(MasterMessage message) throws Ended {
    lock.lock();
    try {
      while (end == null && !out.isReady()) {
        awake.awaitUninterruptibly();
      }
      if (end != null) {
        throw new Ended();
      }
    } finally {
      lock.unlock();
    }
    out.onNext(message);
  }
}
