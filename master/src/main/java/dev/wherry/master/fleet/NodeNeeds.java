package dev.wherry.master.fleet;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which node needs which objects: an index of names, not of objects. Each change that it is told
 * yields the pairs of node and need that a session has to look at again; the session then reads the
 * object as it is by then, so that changes may be told late, twice or merged.
 *
 * <p>Confined to the lock of its owner.
 */
final class NodeNeeds {

  /** What every node needs by name, be it there or not. */
  private final Set<Need> always;

  private record PodEntry(String node, String version, Set<Need> references) {}

  private static final class NodeEntry {
    final Set<ObjectKey> pods = new HashSet<>();
    final Map<Need, Integer> references = new HashMap<>();
  }

  private final Map<ObjectKey, PodEntry> pods = new HashMap<>();
  private final Map<String, NodeEntry> nodes = new HashMap<>();

  /** Config maps, secrets and claims to the nodes whose pods name them. */
  private final Map<Need, Set<String>> readers = new HashMap<>();

  /** Claims to the volumes that they are bound to, and back. */
  private final Map<ObjectKey, ObjectKey> volumes = new HashMap<>();

  private final Map<ObjectKey, ObjectKey> claims = new HashMap<>();

  private final IngressSecrets shown = new IngressSecrets();
  private final PolicyPeers peers = new PolicyPeers();

  /** What every node has, with the version that was told last. */
  private final Map<Need, String> everywhere = new HashMap<>();

  /**
   * @param always config maps and secrets that every node needs
   */
  NodeNeeds(Set<Need> always) {
    this.always = Set.copyOf(always);
  }

  /**
   * Takes in an object as it is now.
   *
   * @param touched gets each node and need to look at again; a need of every node comes with the
   *     empty node name
   */
  void upsert(Need.Kind kind, Obj object, BiConsumer<String, Need> touched) {
    Need need = new Need(kind, ObjectKey.of(object));
    switch (kind) {
      case PODS -> {
        upsertPod(need, object, touched);
        peers.upsertPod(need.key(), object, touched);
      }
      case PEER_PODS -> {} // told by the pods themselves
      case INGRESSES -> {
        shown.upsert(need.key(), object, touched); // before the routes that show them
        upsertEverywhere(need, object, touched);
      }
      case NETWORK_POLICIES -> {
        peers.upsertPolicy(need.key(), touched);
        upsertEverywhere(need, object, touched);
      }
      case CONFIG_MAPS, SECRETS -> read(need, touched);
      case PERSISTENT_VOLUMES -> readVolume(need, touched);
      case PERSISTENT_VOLUME_CLAIMS -> bind(need, object.obj("spec").string("volumeName"), touched);
      case NAMESPACES -> peers.upsert(need, object, touched);
      case NODES, SERVICES, ENDPOINT_SLICES, INGRESS_CLASSES, CLUSTER_TRUST_BUNDLES ->
          upsertEverywhere(need, object, touched);
    }
  }

  private void upsertEverywhere(Need need, Obj object, BiConsumer<String, Need> touched) {
    String version = Portion.of(need.kind(), object).version();
    if (!version.equals(everywhere.put(need, version))) {
      touched.accept("", need);
    }
  }

  /** Takes in that an object is gone. */
  void remove(Need.Kind kind, ObjectKey key, BiConsumer<String, Need> touched) {
    Need need = new Need(kind, key);
    switch (kind) {
      case PODS -> {
        PodEntry gone = pods.remove(key);
        if (gone != null) {
          unlink(gone, key, touched);
        }
        peers.removePod(key, touched);
      }
      case PEER_PODS -> {} // told by the pods themselves
      case NETWORK_POLICIES -> {
        removeEverywhere(need, touched);
        peers.removePolicy(key, touched);
      }
      case INGRESSES -> {
        removeEverywhere(need, touched);
        shown.remove(key, touched);
      }
      case CONFIG_MAPS, SECRETS -> read(need, touched);
      case PERSISTENT_VOLUMES -> readVolume(need, touched);
      case PERSISTENT_VOLUME_CLAIMS -> bind(need, "", touched);
      case NAMESPACES -> peers.remove(need, touched);
      case NODES, SERVICES, ENDPOINT_SLICES, INGRESS_CLASSES, CLUSTER_TRUST_BUNDLES ->
          removeEverywhere(need, touched);
    }
  }

  private void removeEverywhere(Need need, BiConsumer<String, Need> touched) {
    everywhere.remove(need);
    touched.accept("", need);
  }

  private void read(Need need, BiConsumer<String, Need> touched) {
    if (always.contains(need) || shown.contains(need)) {
      touched.accept("", need);
      return;
    }
    readers.getOrDefault(need, Set.of()).forEach(node -> touched.accept(node, need));
  }

  private void readVolume(Need volume, BiConsumer<String, Need> touched) {
    ObjectKey claim = claims.get(volume.key());
    if (claim != null) {
      readers
          .getOrDefault(new Need(Need.Kind.PERSISTENT_VOLUME_CLAIMS, claim), Set.of())
          .forEach(node -> touched.accept(node, volume));
    }
  }

  /** Takes in which volume a claim has, empty for none; the volume goes before its claim. */
  private void bind(Need claim, String volume, BiConsumer<String, Need> touched) {
    ObjectKey before = volumes.get(claim.key());
    if (before != null && !before.name().equals(volume)) {
      volumes.remove(claim.key());
      claims.remove(before);
      Need old = new Need(Need.Kind.PERSISTENT_VOLUMES, before);
      readers.getOrDefault(claim, Set.of()).forEach(node -> touched.accept(node, old));
    }
    if (!volume.isEmpty()) {
      ObjectKey key = new ObjectKey("", volume);
      volumes.put(claim.key(), key);
      claims.put(key, claim.key());
    }
    readers.getOrDefault(claim, Set.of()).forEach(node -> touch(node, claim, touched));
  }

  /** A reference, and of a claim its volume before it. */
  private void touch(String node, Need reference, BiConsumer<String, Need> touched) {
    volumeOf(reference).ifPresent(volume -> touched.accept(node, volume));
    touched.accept(node, reference);
  }

  private Optional<Need> volumeOf(Need reference) {
    return reference.kind() == Need.Kind.PERSISTENT_VOLUME_CLAIMS
        ? Optional.ofNullable(volumes.get(reference.key()))
            .map(volume -> new Need(Need.Kind.PERSISTENT_VOLUMES, volume))
        : Optional.empty();
  }

  private void upsertPod(Need need, Obj pod, BiConsumer<String, Need> touched) {
    String node = pod.obj("spec").string("nodeName");
    PodEntry before = pods.get(need.key());
    if (node.isEmpty()) {
      if (before != null) {
        pods.remove(need.key());
        unlink(before, need.key(), touched);
      }
      return;
    }
    PodEntry now = new PodEntry(node, Portion.podVersion(pod), PodReferences.of(pod));
    if (now.equals(before)) {
      return;
    }
    pods.put(need.key(), now);
    NodeEntry entry = nodes.computeIfAbsent(node, _ -> new NodeEntry());
    entry.pods.add(need.key());
    for (Need reference : now.references()) {
      if (entry.references.merge(reference, 1, Integer::sum) == 1) {
        readers.computeIfAbsent(reference, _ -> new HashSet<>()).add(node);
        touch(node, reference, touched); // before the pod: it is there when the pod comes
      }
    }
    touched.accept(node, need);
    if (before != null) {
      release(before, touched);
      if (!before.node().equals(node)) { // deleted and made anew elsewhere, told as one change
        dropPod(before.node(), need.key(), touched);
      }
    }
  }

  private void unlink(PodEntry gone, ObjectKey key, BiConsumer<String, Need> touched) {
    dropPod(gone.node(), key, touched);
    release(gone, touched);
  }

  private void dropPod(String node, ObjectKey key, BiConsumer<String, Need> touched) {
    NodeEntry entry = nodes.get(node);
    if (entry != null && entry.pods.remove(key)) {
      touched.accept(node, new Need(Need.Kind.PODS, key));
      forgetEmpty(node, entry);
    }
  }

  private void release(PodEntry holder, BiConsumer<String, Need> touched) {
    NodeEntry entry = nodes.get(holder.node());
    if (entry == null) {
      return;
    }
    for (Need reference : holder.references()) {
      @Nullable Integer left =
          entry.references.computeIfPresent(
              reference, (_, count) -> count == 1 ? null : Integer.valueOf(count - 1));
      if (left == null) {
        Set<String> names = readers.getOrDefault(reference, new HashSet<>());
        names.remove(holder.node());
        if (names.isEmpty()) {
          readers.remove(reference);
        }
        touch(holder.node(), reference, touched);
      }
    }
    forgetEmpty(holder.node(), entry);
  }

  private void forgetEmpty(String node, NodeEntry entry) {
    if (entry.pods.isEmpty() && entry.references.isEmpty()) {
      nodes.remove(node);
    }
  }

  /** Whether this node is to have this object, provided that it exists. */
  boolean wants(String node, Need need) {
    NodeEntry entry = nodes.get(node);
    return switch (need.kind()) {
      case PODS -> entry != null && entry.pods.contains(need.key());
      case CONFIG_MAPS, SECRETS, PERSISTENT_VOLUME_CLAIMS ->
          always.contains(need)
              || shown.contains(need)
              || entry != null && entry.references.containsKey(need);
      case PEER_PODS, NAMESPACES -> peers.wants(need);
      case PERSISTENT_VOLUMES -> {
        ObjectKey claim = claims.get(need.key());
        yield entry != null
            && claim != null
            && entry.references.containsKey(new Need(Need.Kind.PERSISTENT_VOLUME_CLAIMS, claim));
      }
      case NODES,
          SERVICES,
          ENDPOINT_SLICES,
          INGRESS_CLASSES,
          CLUSTER_TRUST_BUNDLES,
          INGRESSES,
          NETWORK_POLICIES ->
          everywhere.containsKey(need);
    };
  }

  /** All that this node is to have, pods last. */
  List<Need> all(String node) {
    Set<Need> sorted = new TreeSet<>();
    for (Need need : everywhere.keySet()) {
      if (wants(node, need)) {
        sorted.add(need);
      }
    }
    sorted.addAll(always);
    sorted.addAll(shown.all());
    sorted.addAll(peers.all());
    NodeEntry entry = nodes.get(node);
    if (entry != null) {
      sorted.addAll(entry.references.keySet());
      entry.references.keySet().forEach(each -> volumeOf(each).ifPresent(sorted::add));
      entry.pods.forEach(pod -> sorted.add(new Need(Need.Kind.PODS, pod)));
    }
    return new ArrayList<>(sorted);
  }

  /** What was told of this kind and would be indexed; for who compares with a fresh list. */
  Collection<ObjectKey> keys(Need.Kind kind) {
    if (kind == Need.Kind.PODS) {
      return Set.copyOf(pods.keySet());
    }
    if (kind == Need.Kind.PERSISTENT_VOLUME_CLAIMS) {
      return Set.copyOf(volumes.keySet());
    }
    Set<ObjectKey> keys = new LinkedHashSet<>();
    for (Need need : everywhere.keySet()) {
      if (need.kind() == kind) {
        keys.add(need.key());
      }
    }
    return keys;
  }
}
