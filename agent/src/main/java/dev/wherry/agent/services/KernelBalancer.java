package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.host.Sysctl;
import dev.wherry.agent.nft.Ipv6Nft;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Balances in the kernel: an nftables table is kept as the services are, by the difference alone.
 * When a difference is refused, or somebody has taken the table away, all of it is loaded again.
 */
public final class KernelBalancer implements Balancer {
  private static final Logger LOG = LoggerFactory.getLogger(KernelBalancer.class);
  private static final Sysctl ROUTE_LOCALNET = new Sysctl("net/ipv4/conf/all/route_localnet");
  private static final String PROBE = "wherry-probe";

  private final String table;
  private final Nft nft;
  private final Conntrack conntrack;
  private final KernelCounters counters;
  private Networks networks = Networks.UNKNOWN;
  private Ruleset wanted = Ruleset.empty(new BaseRules("", "", ""));
  private Optional<Ruleset> applied = Optional.empty();

  /**
   * @param table name of an nftables table that is this cluster's alone
   * @param nft stays the caller's to close
   * @param family of services' addresses and backends
   */
  public KernelBalancer(String table, Nft nft, IpFamily family) {
    this.table = table;
    this.nft = family == IpFamily.IPV4 ? nft : new Ipv6Nft(nft);
    this.conntrack = new Conntrack(family);
    this.counters = new KernelCounters(table, this.nft);
  }

  /**
   * Why this machine cannot balance in the kernel; empty: it can. All kinds of rules that are
   * needed are loaded and removed in one transaction, of which no packet sees anything.
   */
  public static Optional<String> obstacle(Nft nft) throws InterruptedException {
    BaseRules rules = new BaseRules(PROBE, "10.42.0.0/16", "10.43.0.0/16");
    try {
      nft.run(rules.renderEmpty() + BaseRules.renderRemoval(PROBE));
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(String.valueOf(e.getMessage()).lines().findFirst().orElse(e.toString()));
    }
  }

  @Override
  public void begin(Networks networks) {
    this.networks = networks;
    applied = Optional.empty();
    wanted = Ruleset.empty(new BaseRules(table, networks.clusterCidr(), networks.serviceCidr()));
  }

  @Override
  public void take(Map<ObjectKey, List<ServicePort>> changed) {
    Map<ObjectKey, ServiceRules> rules = new HashMap<>();
    changed.forEach(
        (key, ports) -> {
          ServiceRules now = ServiceRules.render(ports, networks);
          rules.put(key, now);
          counters.own(key, wanted.rules(key), now);
        });
    wanted = wanted.with(rules);
  }

  @Override
  public boolean isInPlace() throws IOException, InterruptedException {
    return nft.run("list chains ip\n").contains("table ip " + table + " {");
  }

  /**
   * Whether the table is there. Its rules are not compared: what happens to tables is {@code nft
   * flush ruleset}, and listing the names of chains alone costs little however much they hold.
   */
  @Override
  public boolean isDisturbed() throws IOException, InterruptedException {
    boolean gone = applied.isPresent() && !isInPlace();
    if (gone) {
      LOG.warn("the rules of table {} were taken away: loading them again", table);
      applied = Optional.empty();
    }
    return gone;
  }

  @Override
  public void apply() throws IOException, InterruptedException {
    if (applied.isPresent()) {
      Ruleset.Transaction transaction = wanted.planFrom(applied.get());
      if (transaction.isEmpty()) {
        return;
      }
      applied = Optional.empty(); // unless it succeeds
      try {
        nft.run(transaction.commands());
        applied = Optional.of(wanted);
        conntrack.forget(transaction.stale());
        return;
      } catch (Nft.RejectedException e) {
        LOG.warn(
            "a change of service rules was refused, loading all: {}",
            String.valueOf(e.getMessage()).lines().findFirst().orElse(""));
      }
    }
    load();
    counters.beginAnew();
    // Only now: the table's guard makes it safe.
    ROUTE_LOCALNET.set("1");
    applied = Optional.of(wanted);
    conntrack.sweep(wanted.udpFlows());
    LOG.info("loaded the rules of all services into table {}", table);
  }

  private void load() throws IOException, InterruptedException {
    if (isInPlace()) {
      nft.run(wanted.render()); // what is there answers until then
    } else {
      nft.runEach(wanted.renderParts());
    }
  }

  @Override
  public Map<ObjectKey, ServiceCount> counts() throws IOException, InterruptedException {
    return counters.read();
  }

  @Override
  public void close() {}

  /** Removes a cluster's table and what made it safe to answer on loopback addresses. */
  public static void purge(String table, Nft nft) throws IOException, InterruptedException {
    ROUTE_LOCALNET.set("0");
    nft.run(BaseRules.renderRemoval(Objects.requireNonNull(table)));
  }
}
