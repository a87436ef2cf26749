package dev.wherry.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.nft.Nfts;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** The kernel's table as pods and policies come and go. */
@ExtendWith(OwnNetwork.class)
@Timeout(180)
class PolicyDataplaneTest {
  private static final String TABLE = "wherry-policies-test";

  /**
   * Promised is a second; nobody looks at the table in turn here, so that no wait hides in these.
   */
  private static final Duration SOON = Duration.ofSeconds(60);

  private final DesiredState desired = new DesiredState();
  private final Faulty nft = new Faulty(Nfts.open());
  private PolicyDataplane policies;

  /** nftables that refuses everything for a while. */
  private static final class Faulty implements Nft {
    private final Nft real;
    final AtomicBoolean refusing = new AtomicBoolean();
    final AtomicBoolean hasRefused = new AtomicBoolean();
    final AtomicBoolean hasListed = new AtomicBoolean();

    Faulty(Nft real) {
      this.real = real;
    }

    @Override
    public String run(String commands) throws IOException, InterruptedException {
      if (commands.startsWith("list chains")) {
        hasListed.set(true);
      }
      if (refusing.get() && !commands.startsWith("list")) {
        hasRefused.set(true);
        throw new RejectedException("not now");
      }
      return real.run(commands);
    }

    @Override
    public String elements(String table, String set) throws IOException, InterruptedException {
      return real.elements(table, set);
    }

    @Override
    public void close() {
      real.close();
    }
  }

  @BeforeEach
  void start() {
    desired.networks(new Networks("10.42.0.0/24", "10.42.0.0/16", "10.43.0.0/16"));
    desired.upsert(Resource.NAMESPACES, Json.read("{\"metadata\": {\"name\": \"a\"}}"));
    desired.upsert(Resource.PODS, pod("web", ""));
    desired.upsert(
        Resource.NETWORK_POLICIES,
        Json.read(
            """
            {"metadata": {"namespace": "a", "name": "p"},
             "spec": {"podSelector": {"matchLabels": {"app": "web"}},
               "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "client"}}}]}]}}
            """));
    policies = dataplane(desired, CompletableFuture.completedFuture(null));
    policies.start();
  }

  private PolicyDataplane dataplane(DesiredState state, CompletableFuture<Void> heard) {
    return new PolicyDataplane(
        state, IpFamily.IPV4, TABLE, nft, _ -> Optional.of(Ip.parse("10.42.0.2")), heard);
  }

  @AfterEach
  void stop() throws Exception {
    nft.refusing.set(false);
    PolicyDataplane.purge(TABLE, nft);
    nft.close();
  }

  private static Obj pod(String app, String ip) {
    return Obj.of(
        "metadata",
        Obj.of(
            "namespace",
            "a",
            "name",
            app + ip,
            "uid",
            "uid-" + app + ip,
            "labels",
            Obj.of("app", app)),
        "spec",
        Obj.of("containers", List.of(Obj.of("name", "c"))),
        "status",
        Obj.of("podIP", ip));
  }

  private boolean lets(String address) throws IOException, InterruptedException {
    String chains = nft.run("list table ip " + TABLE + "\n");
    for (String line : chains.lines().toList()) {
      String[] words = line.strip().split(" ");
      if (words[0].equals("set") && nft.elements(TABLE, words[1]).contains(address)) {
        return true;
      }
    }
    return false;
  }

  /** A question of the kernel. */
  private interface Question {
    boolean ask() throws IOException, InterruptedException;
  }

  private static boolean soon(Question question) throws IOException, InterruptedException {
    long end = System.nanoTime() + SOON.toNanos();
    while (System.nanoTime() < end) {
      try {
        if (question.ask()) {
          return true;
        }
      } catch (Nft.RejectedException _) {
        // The table is not there yet.
      }
      LockSupport.parkNanos(Duration.ofMillis(5).toNanos());
    }
    return false;
  }

  @Test
  void letsAPodInAndNoLongerSoonAfterItComesAndGoes() throws Exception {
    for (int i = 0; i < 5; i++) {
      String ip = "10.42.7." + (10 + i);
      desired.upsert(Resource.PEER_PODS, pod("client", ip));
      assertThat(soon(() -> lets(ip))).as("%s is let in", ip).isTrue();
      desired.remove(Resource.PEER_PODS, new ObjectKey("a", "client" + ip));
      assertThat(soon(() -> !lets(ip))).as("%s is kept out", ip).isTrue();
    }
  }

  @Test
  void takesTheTableAwayWithTheLastPolicy() throws Exception {
    assertThat(soon(() -> nft.run("list chains ip\n").contains(TABLE))).isTrue();
    desired.synced(Map.of());
    assertThat(soon(() -> !nft.run("list chains ip\n").contains(TABLE))).isTrue();
  }

  @Test
  void goesOnAtTheNextLookWhereAChangeWasRefused() throws Exception {
    desired.upsert(Resource.PEER_PODS, pod("client", "10.42.7.9"));
    assertThat(soon(() -> lets("10.42.7.9"))).isTrue();
    nft.refusing.set(true);
    desired.upsert(Resource.PEER_PODS, pod("client", "10.42.7.10"));
    assertThat(soon(nft.hasRefused::get)).isTrue();
    assertThatThrownBy(policies::check).isInstanceOf(IOException.class);
    nft.refusing.set(false);
    policies.check();
    assertThat(lets("10.42.7.10")).isTrue();
  }

  /** A checkpoint lacks what came in the last moment; the kernel has it. */
  @Test
  void whatIsInForceStaysUntilTheMasterHasSaidAll() throws Exception {
    desired.upsert(Resource.PEER_PODS, pod("client", "10.42.7.9"));
    assertThat(soon(() -> lets("10.42.7.9"))).isTrue();
    DesiredState checkpoint = new DesiredState();
    checkpoint.networks(desired.networks());
    for (Resource each : List.of(Resource.NAMESPACES, Resource.PODS, Resource.NETWORK_POLICIES)) {
      desired.all(each).forEach(object -> checkpoint.upsert(each, object));
    }
    CompletableFuture<Void> heard = new CompletableFuture<>();
    nft.hasListed.set(false);
    dataplane(checkpoint, heard).start();
    assertThat(soon(nft.hasListed::get)).isTrue();
    assertThat(lets("10.42.7.9")).isTrue();

    checkpoint.upsert(Resource.PEER_PODS, pod("client", "10.42.7.10"));
    heard.complete(null);
    assertThat(soon(() -> lets("10.42.7.10"))).isTrue();
    assertThat(lets("10.42.7.9")).isFalse();
  }

  @Test
  void putsBackATableThatSomebodyTook() throws Exception {
    desired.upsert(Resource.PEER_PODS, pod("client", "10.42.7.9"));
    assertThat(soon(() -> lets("10.42.7.9"))).isTrue();
    nft.run("delete table ip " + TABLE + "\n");
    policies.check();
    assertThat(lets("10.42.7.9")).isTrue();
  }
}
