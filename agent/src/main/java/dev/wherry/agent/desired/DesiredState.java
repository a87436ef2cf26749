package dev.wherry.agent.desired;

import dev.wherry.api.address.Cidr;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.address.IpRanges;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/**
 * The objects that this node needs, as the master sent them last or the checkpoint kept them: its
 * pods, the config maps and secrets that they name, services and endpoint slices, its peers' nodes.
 *
 * <p>Thread-safe. Listeners are told on the caller's thread, after the change is visible.
 */
public final class DesiredState {

  /** The kinds of object that a node is sent. */
  public enum Resource {
    PODS("pods"),
    CONFIG_MAPS("configmaps"),
    SECRETS("secrets"),
    SERVICES("services"),
    ENDPOINT_SLICES("endpointslices"),
    INGRESSES("ingresses"),
    INGRESS_CLASSES("ingressclasses"),
    CLUSTER_TRUST_BUNDLES("clustertrustbundles"),
    NETWORK_POLICIES("networkpolicies"),
    NAMESPACES("namespaces"),
    /** Other pods as far as policies need them: labels, addresses, named ports. */
    PEER_PODS("peerpods"),
    NODES("nodes"),
    PERSISTENT_VOLUMES("persistentvolumes"),
    PERSISTENT_VOLUME_CLAIMS("persistentvolumeclaims");

    private final String plural;

    Resource(String plural) {
      this.plural = plural;
    }

    public String plural() {
      return plural;
    }

    /** By its plural name; empty for one that this agent does not know (a newer master's). */
    public static Optional<Resource> ofPlural(String plural) {
      for (Resource each : values()) {
        if (each.plural.equals(plural)) {
          return Optional.of(each);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Networks of this cluster as the master said them in its welcome; texts of {@link IpRanges},
   * empty before the first.
   */
  public record Networks(String podCidr, String clusterCidr, String serviceCidr) {
    public static final Networks UNKNOWN = new Networks("", "", "");

    /** The part of one family, {@link #UNKNOWN} where the cluster has no such. */
    public Networks of(IpFamily family) {
      String cluster = only(clusterCidr, family);
      return cluster.isEmpty()
          ? UNKNOWN
          : new Networks(only(podCidr, family), cluster, only(serviceCidr, family));
    }

    /** The addresses of a pod of this node by its first: the IPv6 one follows from it. */
    public List<String> podIps(String first) {
      return podCidr.isEmpty() || Ip.find(first).isEmpty()
          ? List.of(first)
          : IpRanges.parse(podCidr).both(Ip.parse(first)).stream().map(Ip::text).toList();
    }

    private static String only(String ranges, IpFamily family) {
      return ranges.isEmpty()
          ? ""
          : IpRanges.parse(ranges).of(family).map(Cidr::toString).orElse("");
    }
  }

  /** What changed. */
  public sealed interface Change {
    record Upserted(Resource resource, Obj object) implements Change {}

    record Removed(Resource resource, Obj last) implements Change {}

    record NetworksKnown(Networks networks) implements Change {}

    /** The master has sent everything: what is not here is not wanted. */
    record Synced() implements Change {}
  }

  /** Told of each change. Must not block. */
  public interface Listener {
    void onChange(Change change);
  }

  private final Map<Resource, ConcurrentSkipListMap<ObjectKey, Obj>> objects;
  private final Set<ObjectKey> own = ConcurrentHashMap.newKeySet();
  private volatile Networks networks = Networks.UNKNOWN;
  private volatile boolean synced;
  private final List<Listener> listeners = new CopyOnWriteArrayList<>();

  public DesiredState() {
    Map<Resource, ConcurrentSkipListMap<ObjectKey, Obj>> byResource = new EnumMap<>(Resource.class);
    for (Resource resource : Resource.values()) {
      byResource.put(resource, new ConcurrentSkipListMap<>());
    }
    objects = byResource;
  }

  public void listen(Listener listener) {
    listeners.add(listener);
  }

  public Optional<Obj> get(Resource resource, ObjectKey key) {
    return Optional.ofNullable(of(resource).get(key));
  }

  /** All of a resource, by key. A weakly consistent view. */
  public Collection<Obj> all(Resource resource) {
    return of(resource).values();
  }

  public Networks networks() {
    return networks;
  }

  /** Takes in what the master sent; the node's own pods are not the master's to change. */
  public void upsert(Resource resource, Obj object) {
    ObjectKey key = ObjectKey.of(object);
    if (resource == Resource.PODS && own.contains(key)) {
      return;
    }
    of(resource).put(key, object);
    tell(new Change.Upserted(resource, object));
  }

  /**
   * Takes in a pod that this node runs by itself: the master neither changes nor removes it. It
   * takes the place of the master's of the same name.
   */
  public void ownPod(Obj pod) {
    ObjectKey key = ObjectKey.of(pod);
    own.add(key);
    of(Resource.PODS).put(key, pod);
    tell(new Change.Upserted(Resource.PODS, pod));
  }

  public void removeOwnPod(ObjectKey key) {
    if (own.remove(key)) {
      remove(Resource.PODS, key);
    }
  }

  /** Whether the pod of this name is the node's own. */
  public boolean isOwn(ObjectKey key) {
    return own.contains(key);
  }

  /** The node's own pods, by key. */
  public List<Obj> ownPods() {
    return all(Resource.PODS).stream().filter(pod -> isOwn(ObjectKey.of(pod))).toList();
  }

  public void remove(Resource resource, ObjectKey key) {
    if (resource == Resource.PODS && own.contains(key)) {
      return;
    }
    Obj last = of(resource).remove(key);
    if (last != null) {
      tell(new Change.Removed(resource, last));
    }
  }

  public void networks(Networks known) {
    if (!known.equals(networks)) {
      networks = known;
      tell(new Change.NetworksKnown(known));
    }
  }

  /**
   * Ends a full synchronization: removes what is not in {@code wanted} and tells {@link
   * Change.Synced}.
   */
  public void synced(Map<Resource, ? extends Collection<ObjectKey>> wanted) {
    for (Resource resource : Resource.values()) {
      Collection<ObjectKey> keep = wanted.containsKey(resource) ? wanted.get(resource) : List.of();
      for (ObjectKey key : new ArrayList<>(of(resource).keySet())) {
        if (!keep.contains(key)) {
          remove(resource, key);
        }
      }
    }
    synced = true;
    tell(new Change.Synced());
  }

  /** Whether the master has sent everything since this agent started. */
  public boolean hasSynced() {
    return synced;
  }

  /**
   * When this state may replace what an agent before this one left in the kernel: completes once
   * the master has sent everything, or without a word of it after so long. What is known before is
   * a checkpoint's, which is written a moment after the kernel's tables, so that these may know
   * more.
   */
  public CompletableFuture<Void> heardWithin(Duration patience) {
    CompletableFuture<Void> heard = new CompletableFuture<>();
    listen(
        change -> {
          if (change instanceof Change.Synced) {
            heard.complete(null);
          }
        });
    if (synced) {
      heard.complete(null);
    }
    return heard.completeOnTimeout(null, patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  private void tell(Change change) {
    listeners.forEach(listener -> listener.onChange(change));
  }

  private ConcurrentSkipListMap<ObjectKey, Obj> of(Resource resource) {
    return Objects.requireNonNull(objects.get(resource));
  }
}
