package dev.wherry.agent.link;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.proto.v1.ObjectName;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The copies that the master keeps of the node's own pods, and what is to be done about them: one
 * that lacks is made, one of another file's content, one that somebody deletes and one whose pod is
 * gone are removed (Kubernetes: mirror pods). The rest of the agent knows the pods by their own uid
 * alone; here that becomes the mirror's and back. Thread-safe.
 */
final class Mirrors implements Outbox.Identity {
  static final String MIRROR = "kubernetes.io/config.mirror";
  private static final String HASH = "kubernetes.io/config.hash";

  private final DesiredState desired;
  private final Map<ObjectKey, Obj> there = new HashMap<>();
  private boolean synced;

  Mirrors(DesiredState desired) {
    this.desired = desired;
  }

  static boolean isMirror(Obj pod) {
    return pod.at("metadata", "annotations").has(MIRROR);
  }

  /** What to do about one name. */
  sealed interface Action {
    record Make(Obj mirror) implements Action {}

    record Remove(PodUid uid) implements Action {}

    record Nothing() implements Action {}
  }

  synchronized void upsert(Obj mirror) {
    there.put(ObjectKey.of(mirror), mirror);
  }

  /** Whether a mirror of this name was there. */
  synchronized boolean remove(ObjectKey key) {
    return there.remove(key) != null;
  }

  /** A session begins: until it has said all, what lacks may only not have been said yet. */
  synchronized Collection<Obj> restart() {
    synced = false;
    return Set.copyOf(there.values());
  }

  /** The master has said all: what is not in {@code wanted} is gone. */
  synchronized void synced(Collection<ObjectKey> wanted) {
    there.keySet().retainAll(wanted);
    synced = true;
  }

  /** All names that may want something. */
  synchronized Set<ObjectKey> names() {
    Set<ObjectKey> names = new HashSet<>(there.keySet());
    desired.ownPods().forEach(pod -> names.add(ObjectKey.of(pod)));
    return names;
  }

  synchronized Action plan(ObjectKey key) {
    Obj mirror = there.get(key);
    Optional<Obj> own = own(key);
    if (mirror != null) {
      boolean fits =
          own.isPresent()
              && hash(mirror).equals(Meta.of(own.get()).uid())
              && !Meta.of(mirror).isTerminating();
      return fits ? new Action.Nothing() : new Action.Remove(new PodUid(Meta.of(mirror).uid()));
    }
    return synced && own.isPresent() && !Meta.of(own.get()).isTerminating()
        ? new Action.Make(mirrorOf(own.get()))
        : new Action.Nothing();
  }

  private Optional<Obj> own(ObjectKey key) {
    return desired.isOwn(key) ? desired.get(Resource.PODS, key) : Optional.empty();
  }

  private static String hash(Obj mirror) {
    return mirror.at("metadata", "annotations").string(MIRROR);
  }

  private static Obj mirrorOf(Obj own) {
    return own.without("status")
        .change(
            "metadata",
            metadata ->
                metadata
                    .without("uid")
                    .change(
                        "annotations",
                        annotations -> annotations.with(MIRROR, annotations.string(HASH))));
  }

  @Override
  public synchronized Optional<PodUid> toMaster(ObjectKey key, PodUid uid) {
    if (!desired.isOwn(key)) {
      return Optional.of(uid);
    }
    return Optional.ofNullable(there.get(key))
        .filter(mirror -> hash(mirror).equals(uid.text()))
        .map(mirror -> new PodUid(Meta.of(mirror).uid()));
  }

  /** The name with the uid that the node knows the pod by. */
  synchronized ObjectName toNode(ObjectName name) {
    for (Obj mirror : there.values()) {
      if (Meta.of(mirror).uid().equals(name.getUid())) {
        return name.toBuilder().setUid(hash(mirror)).build();
      }
    }
    return name;
  }
}
