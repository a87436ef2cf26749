package dev.wherry.agent.link;

import com.google.protobuf.ByteString;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.tree.Smile;
import dev.wherry.proto.v1.Held;
import dev.wherry.proto.v1.ObjectName;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the master's deltas into the desired state, and remembers the version of each object that
 * came, so that the next session is sent the difference alone. Confined to the session that is
 * open: one follows another.
 */
final class Inventory {
  private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);

  private final DesiredState desired;
  private final Map<Resource, Map<ObjectKey, String>> versions = new EnumMap<>(Resource.class);
  private final Map<Resource, Set<ObjectKey>> wanted = new EnumMap<>(Resource.class);

  Inventory(DesiredState desired) {
    this.desired = desired;
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
      for (Obj object : desired.all(resource)) {
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
    desired.upsert(known.get(), object);
  }

  synchronized void remove(Remove remove) {
    Optional<Resource> known = Resource.ofPlural(remove.getResource());
    if (known.isPresent()) {
      ObjectKey key = new ObjectKey(remove.getName().getNamespace(), remove.getName().getName());
      versions(known.get()).remove(key);
      Objects.requireNonNull(wanted.get(known.get())).remove(key);
      desired.remove(known.get(), key);
    }
  }

  synchronized void synced() {
    desired.synced(wanted);
  }

  void networks(DesiredState.Networks networks) {
    desired.networks(networks);
  }

  private Map<ObjectKey, String> versions(Resource resource) {
    return Objects.requireNonNull(versions.get(resource));
  }
}
