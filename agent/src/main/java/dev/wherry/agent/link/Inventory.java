package dev.wherry.agent.link;

import com.google.protobuf.ByteString;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.Held;
import dev.wherry.proto.v1.ObjectName;
import dev.wherry.proto.v1.OpenTunnel;
import dev.wherry.proto.v1.Remove;
import dev.wherry.proto.v1.Upsert;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the master's deltas into the desired state, and remembers the version of each object that
 * came, so that the next session is sent the difference alone. Confined to the session that is
 * open: one follows another.
 */
final class Inventory {
  private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);

  /**
   * A removed mirror's name stays free for a second: {@code kubectl delete} waits for the end of a
   * name and would not see one of a few milliseconds.
   */
  private static final Executor GONE_FOR = CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS);

  private final DesiredState desired;
  private final Mirrors mirrors;
  private final Outbox outbox;
  private final Map<Resource, Map<ObjectKey, String>> versions = new EnumMap<>(Resource.class);
  private final Map<Resource, Set<ObjectKey>> wanted = new EnumMap<>(Resource.class);

  Inventory(DesiredState desired, Mirrors mirrors, Outbox outbox) {
    this.desired = desired;
    this.mirrors = mirrors;
    this.outbox = outbox;
    for (Resource resource : Resource.values()) {
      versions.put(resource, new HashMap<>());
      wanted.put(resource, new HashSet<>());
    }
  }

  /** What the agent holds as a session begins. */
  synchronized List<Held> held() {
    List<Held> held = new ArrayList<>();
    for (Resource resource : Resource.values()) {
      Set<ObjectKey> keys = Objects.requireNonNull(wanted.get(resource));
      keys.clear();
      List<Obj> objects = new ArrayList<>(desired.all(resource));
      if (resource == Resource.PODS) {
        objects.removeIf(pod -> desired.isOwn(ObjectKey.of(pod)));
        objects.addAll(mirrors.restart());
      }
      for (Obj object : objects) {
        ObjectKey key = ObjectKey.of(object);
        keys.add(key);
        held.add(
            Held.newBuilder()
                .setResource(resource.plural())
                .setName(
                    ObjectName.newBuilder()
                        .setNamespace(key.namespace())
                        .setName(key.name())
                        .setUid(Meta.of(object).uid()))
                .setVersion(versions(resource).getOrDefault(key, ""))
                .build());
      }
    }
    return held;
  }

  synchronized void upsert(Upsert upsert) {
    Optional<Resource> known = Resource.ofPlural(upsert.getResource());
    if (known.isEmpty()) {
      LOG.debug("a newer master sends {}", upsert.getResource());
      return;
    }
    ByteString bytes = upsert.getObject();
    Obj object = Smile.read(bytes.toByteArray());
    ObjectKey key = ObjectKey.of(object);
    versions(known.get()).put(key, upsert.getVersion());
    Objects.requireNonNull(wanted.get(known.get())).add(key);
    if (known.get() == Resource.PODS && Mirrors.isMirror(object)) {
      mirrors.upsert(object);
      keepMirror(key);
      desired
          .get(Resource.PODS, key)
          .ifPresent(own -> outbox.again(new PodUid(Meta.of(own).uid())));
    } else {
      desired.upsert(known.get(), object);
    }
  }

  /** Has the master do what the mirror of this name wants, if anything. */
  void keepMirror(ObjectKey key) {
    outbox.mirror(key, mirrors.plan(key));
  }

  /** As {@link #keepMirror}, for all: what the master could not do it is asked for again. */
  void keepMirrors() {
    mirrors.names().forEach(this::keepMirror);
  }

  synchronized void remove(Remove remove) {
    Optional<Resource> known = Resource.ofPlural(remove.getResource());
    if (known.isPresent()) {
      ObjectKey key = new ObjectKey(remove.getName().getNamespace(), remove.getName().getName());
      versions(known.get()).remove(key);
      Objects.requireNonNull(wanted.get(known.get())).remove(key);
      if (known.get() == Resource.PODS) {
        if (mirrors.remove(key)) {
          GONE_FOR.execute(() -> keepMirror(key));
        } else {
          keepMirror(key);
        }
      }
      desired.remove(known.get(), key);
    }
  }

  synchronized void synced() {
    desired.synced(wanted);
    mirrors.synced(Objects.requireNonNull(wanted.get(Resource.PODS)));
    keepMirrors();
  }

  void networks(DesiredState.Networks networks) {
    desired.networks(networks);
  }

  /** The request with the pod's uid as this node knows it. */
  OpenTunnel known(OpenTunnel request) {
    OpenTunnel.Builder known = request.toBuilder();
    switch (request.getRequestCase()) {
      case EXEC -> known.getExecBuilder().setPod(mirrors.toNode(request.getExec().getPod()));
      case ATTACH -> known.getAttachBuilder().setPod(mirrors.toNode(request.getAttach().getPod()));
      case LOGS -> known.getLogsBuilder().setPod(mirrors.toNode(request.getLogs().getPod()));
      case PORT_FORWARD -> {
        if (request.getPortForward().hasPod()) {
          known.getPortForwardBuilder().setPod(mirrors.toNode(request.getPortForward().getPod()));
        }
      }
      default -> {
        return request; // of no pod
      }
    }
    return known.build();
  }

  private Map<ObjectKey, String> versions(Resource resource) {
    return Objects.requireNonNull(versions.get(resource));
  }
}
