package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes and refreshes the Node object of an agent that says hello, and its Lease in {@code
 * kube-node-lease}. Blocks; thread-safe.
 */
final class Registration {
  private static final Logger LOG = LoggerFactory.getLogger(Registration.class);
  static final int MAX_ATTEMPTS = 5;

  /** Heartbeats never reach the disk; the Lease is there for who reads it. */
  static final Duration LEASE_RENEWAL = Duration.ofMinutes(10);

  private static final String LEASE_NAMESPACE = "kube-node-lease";

  private final ObjectAccess access;
  private final InstantSource clock;
  private final Map<NodeName, Instant> renewed = new ConcurrentHashMap<>();

  Registration(ObjectAccess access, InstantSource clock) {
    this.access = access;
    this.clock = clock;
  }

  /**
   * Brings the Node object up to what the agent says of it.
   *
   * @return the object as it is stored now
   */
  Obj register(NodeName name, Obj told) {
    Obj said =
        told.change(
            "metadata",
            metadata ->
                metadata.change(
                    "annotations", annotations -> annotations.without(NodeKeys.ANNOTATION)));
    ObjectKey key = new ObjectKey("", name.text());
    for (int attempt = 1; ; attempt++) {
      try {
        Obj node =
            stored(key).map(found -> refresh(found, said)).orElseGet(() -> create(name, said));
        return withStatus(node, said.obj("status"));
      } catch (StatusException e) {
        boolean raced = e.reason() == Reason.CONFLICT || e.reason() == Reason.ALREADY_EXISTS;
        if (!raced || attempt == MAX_ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private Optional<Obj> stored(ObjectKey key) {
    try {
      return Optional.of(access.get(GroupResource.NODES, key));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Creates a Node; the registry gives it a pod range of its own. */
  Obj create(NodeName name, Obj said) {
    return access.create(GroupResource.NODES, NodeObject.create(name, said));
  }

  private Obj refresh(Obj stored, Obj said) {
    Obj node = NodeObject.update(stored, said);
    return node.equals(stored) ? stored : access.update(GroupResource.NODES, node);
  }

  private Obj withStatus(Obj node, Obj status) {
    if (status.isEmpty()) {
      return node;
    }
    return StatusMerge.node(node, status)
        .map(changed -> access.updateStatus(GroupResource.NODES, changed))
        .orElse(node);
  }

  /** Renews the node's Lease where the last renewal is old enough. */
  void renewLease(Obj node) {
    NodeName name = new NodeName(Meta.of(node).name());
    Instant now = clock.instant();
    Instant last = renewed.get(name);
    if (last != null && now.isBefore(last.plus(LEASE_RENEWAL))) {
      return;
    }
    renewed.put(name, now);
    try {
      writeLease(node, now);
    } catch (StatusException e) {
      // Nothing rests on the Lease: the node's life is judged by its heartbeats.
      LOG.debug("the lease of node {} was not written: {}", name, e.getMessage());
    }
  }

  void forget(NodeName name) {
    renewed.remove(name);
  }

  private void writeLease(Obj node, Instant now) {
    Meta meta = Meta.of(node);
    ObjectKey key = new ObjectKey(LEASE_NAMESPACE, meta.name());
    Obj spec =
        Obj.of(
            "holderIdentity",
            meta.name(),
            "leaseDurationSeconds",
            40,
            "renewTime",
            Meta.Times.formatMicro(now));
    Obj owner = Obj.of("apiVersion", "v1", "kind", "Node", "name", meta.name(), "uid", meta.uid());
    try {
      Obj lease = access.get(GroupResource.LEASES, key);
      access.update(GroupResource.LEASES, lease.with("spec", spec));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      Obj metadata =
          Obj.of(
              "namespace",
              LEASE_NAMESPACE,
              "name",
              meta.name(),
              "ownerReferences",
              java.util.List.of(owner));
      access.create(
          GroupResource.LEASES,
          Obj.of(
              "apiVersion",
              "coordination.k8s.io/v1",
              "kind",
              "Lease",
              "metadata",
              metadata,
              "spec",
              spec));
    }
  }
}
