package dev.wherry.agent.policy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.nft.Ipv6Nft;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the kernel's policy table as policies, namespaces and pods have it, and answers for what is
 * relayed past it. There is no table while there are no policies, or no nftables. Thread-safe.
 */
public final class PolicyDataplane {
  private static final Logger LOG = LoggerFactory.getLogger(PolicyDataplane.class);
  private static final Set<Resource> FOLLOWED =
      Set.of(
          Resource.NETWORK_POLICIES,
          Resource.NAMESPACES,
          Resource.NODES,
          Resource.PEER_PODS,
          Resource.PODS);

  /** How long a first change waits for company. */
  private static final Duration COALESCE = Duration.ofMillis(10);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  /** Tries after a change; past them the next look in turn goes on. */
  private static final int MAX_TRIES = 5;

  private final DesiredState desired;
  private final IpFamily family;
  private final String table;
  private final Nft nft;
  private final Function<PodUid, Optional<Ip>> addresses;
  private final CompletableFuture<Void> heard;
  private final AtomicBoolean asked = new AtomicBoolean();
  private final ReentrantLock lock = new ReentrantLock();

  /** What is wanted, whether the kernel has it or not. */
  private volatile PolicyRules decided = PolicyRules.NONE;

  // Guarded by the lock.
  private Optional<PolicyRules> applied = Optional.empty();

  /** Whether what is wanted may not be in the kernel. */
  private boolean behind;

  /**
   * @param family of the addresses that it looks at
   * @param table name of an nftables table that is this cluster's alone
   * @param addresses of this node's pods
   * @param heard when a checkpoint may replace policies that an earlier agent left in force
   */
  public PolicyDataplane(
      DesiredState desired,
      IpFamily family,
      String table,
      Nft nft,
      Function<PodUid, Optional<Ip>> addresses,
      CompletableFuture<Void> heard) {
    this.desired = desired;
    this.heard = heard;
    this.table = table;
    this.family = family;
    this.nft = family == IpFamily.IPV4 ? nft : new Ipv6Nft(nft);
    this.addresses = addresses;
  }

  /** Begins to follow the desired state; what that has already is decided when this returns. */
  public void start() {
    decided = wanted();
    desired.listen(
        change -> {
          switch (change) {
            case Change.Upserted(var resource, _) -> askIfFollowed(resource);
            case Change.Removed(var resource, _) -> askIfFollowed(resource);
            case Change.NetworksKnown _, Change.Synced _ -> ask();
          }
        });
    heard.thenRun(this::ask);
    ask();
  }

  private void askIfFollowed(Resource resource) {
    boolean matters =
        resource == Resource.NETWORK_POLICIES
            || FOLLOWED.contains(resource) && !desired.all(Resource.NETWORK_POLICIES).isEmpty();
    if (matters) {
      ask();
    }
  }

  /** A pod of this node has got its address or lost it. Blocks until that is in the kernel. */
  public void podMoved(PodUid pod) {
    if (!desired.all(Resource.NETWORK_POLICIES).isEmpty()) {
      // Before the pod's first container starts: it must not run a moment without its policies.
      try {
        if (isHeld()) {
          heard.join();
        }
        apply();
      } catch (IOException e) {
        LOG.error("the policies of pod {} are not in force yet: {}", pod, e.getMessage());
        ask();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void ask() {
    if (!asked.getAndSet(true)) {
      Thread.ofVirtual().name("policies").start(this::work);
    }
  }

  private void work() {
    try {
      Thread.sleep(COALESCE);
      asked.set(false);
      for (int tries = 1; ; tries++) {
        try {
          apply();
          return;
        } catch (IOException e) {
          LOG.error("network policies are not up to date: {}", e.getMessage());
          if (tries == MAX_TRIES) {
            return;
          }
          Thread.sleep(RETRY_AFTER);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void apply() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      behind = true; // unless it succeeds
      applyHere();
      behind = false;
    } finally {
      lock.unlock();
    }
  }

  private void applyHere() throws IOException, InterruptedException {
    PolicyRules wanted = wanted();
    decided = wanted;
    boolean known = !desired.networks().of(family).clusterCidr().isEmpty();
    boolean none = wanted.equals(PolicyRules.NONE);
    if (!nft.isUsable() || !known || isHeld() || none && !desired.hasSynced()) {
      return; // what an agent before this one left stays until it is known what is wanted
    }
    if (none) {
      remove();
      return;
    }
    String transaction = applied.isPresent() ? wanted.planFrom(applied.get()) : wanted.render();
    if (!transaction.isEmpty()) {
      applied = Optional.empty(); // unless it succeeds
      nft.run(transaction);
    }
    applied = Optional.of(wanted);
  }

  private PolicyRules wanted() {
    Collection<Obj> policies = desired.all(Resource.NETWORK_POLICIES);
    if (policies.isEmpty()) {
      return PolicyRules.NONE;
    }
    Map<String, PolicyPod> pods = pods();
    List<PolicyPod> local = local();
    local.forEach(each -> pods.put(each.ip(), each));
    return new PolicyCompiler(family, policies, namespaces(), pods.values(), nodes())
        .compile(table, local);
  }

  /**
   * Whether policies of this node's pods let through a connection that nftables does not see from
   * end to end, since a process of the node relays it.
   *
   * @param protocol {@code tcp} or {@code udp}
   * @param port of {@code to}
   */
  public boolean admits(Ip from, Ip to, String protocol, int port) {
    return decided.admits(from, to, protocol, port);
  }

  /** Whether what an agent before this one left is in force and may know more than this one. */
  private boolean isHeld() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      return !heard.isDone() && applied.isEmpty() && isThere();
    } finally {
      lock.unlock();
    }
  }

  private void remove() throws IOException, InterruptedException {
    if (applied.isPresent() || isThere()) {
      nft.run(PolicyRules.renderRemoval(table));
      applied = Optional.empty();
    }
  }

  /** Goes on where tries have ended, and loads everything when somebody has taken the table. */
  public void check() throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      if (applied.isPresent() && !isThere()) {
        LOG.warn("the rules of table {} were taken away: loading them again", table);
        applied = Optional.empty();
        behind = true;
      }
      if (behind) {
        apply();
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isThere() throws IOException, InterruptedException {
    return nft.isUsable() && nft.run("list chains ip\n").contains("table ip " + table + " {");
  }

  /** By address. */
  private Map<String, PolicyPod> pods() {
    Map<String, PolicyPod> pods = new TreeMap<>();
    for (Obj each : desired.all(Resource.PEER_PODS)) {
      PodView view = new PodView(each);
      List<String> ips = view.podIps().isEmpty() ? List.of(view.podIp()) : view.podIps();
      ips.stream().filter(family::isAddress).forEach(ip -> pods.put(ip, PolicyPod.of(view, ip)));
    }
    return pods;
  }

  private List<PolicyPod> local() {
    List<PolicyPod> local = new ArrayList<>();
    for (Obj each : desired.all(Resource.PODS)) {
      PodView view = new PodView(each);
      if (!view.hostNetwork()) {
        addresses
            .apply(view.uid())
            .ifPresent(address -> local.add(PolicyPod.of(view, address.text())));
      }
    }
    return local;
  }

  private Map<String, Map<String, String>> namespaces() {
    Map<String, Map<String, String>> labels = new HashMap<>();
    for (Obj each : desired.all(Resource.NAMESPACES)) {
      labels.put(Meta.of(each).name(), Meta.of(each).labels());
    }
    return labels;
  }

  private List<PolicyNode> nodes() {
    return desired.all(Resource.NODES).stream()
        .flatMap(each -> PolicyNode.of(new NodeView(each), family).stream())
        .toList();
  }

  /** Removes a cluster's table. */
  public static void purge(String table, Nft nft) throws IOException, InterruptedException {
    nft.run(PolicyRules.renderRemoval(table));
  }
}
