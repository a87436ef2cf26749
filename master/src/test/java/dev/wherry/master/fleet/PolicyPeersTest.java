package dev.wherry.master.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyPeersTest {
  private static final ObjectKey POD = new ObjectKey("a", "web");
  private static final ObjectKey POLICY = new ObjectKey("a", "p");
  private static final Need PEER = new Need(Need.Kind.PEER_PODS, POD);

  private final PolicyPeers peers = new PolicyPeers();
  private final List<Need> told = new ArrayList<>();

  private void note(String node, Need need) {
    assertThat(node).as("every node").isEmpty();
    told.add(need);
  }

  private static Obj pod(String ip, String phase, boolean ofTheNode) {
    return Obj.of(
        "metadata",
        Obj.of("namespace", "a", "name", "web", "resourceVersion", ip + phase),
        "spec",
        Obj.of("hostNetwork", ofTheNode),
        "status",
        Obj.of("podIP", ip, "phase", phase));
  }

  /** Pods of the node's own network are the node: no selector means them. */
  @ParameterizedTest(name = "{0}")
  @CsvSource({
    "one with an address,          10.42.0.5, Running,   false, true",
    "of the node's own network,    192.0.2.1, Running,   true,  false",
    "without an address yet,       '',        Pending,   false, false",
    "one that has ended,           10.42.0.5, Succeeded, false, false",
    "one that has failed,          10.42.0.5, Failed,    false, false"
  })
  void nodesHavePodsOfTheirOwnAddress(
      String why, String ip, String phase, boolean ofTheNode, boolean wanted) {
    peers.upsertPolicy(POLICY, this::note);
    peers.upsertPod(POD, pod(ip, phase, ofTheNode), this::note);
    assertThat(peers.wants(PEER)).as(why).isEqualTo(wanted);
    assertThat(told).hasSize(wanted ? 1 : 0);
  }

  @Test
  void nobodyHasThemWhileThereIsNoPolicy() {
    peers.upsertPod(POD, pod("10.42.0.5", "Running", false), this::note);
    assertThat(told).isEmpty();
    assertThat(peers.all()).isEmpty();

    peers.upsertPolicy(POLICY, this::note);
    assertThat(told).containsExactly(PEER);
    assertThat(peers.all()).containsExactly(PEER);

    peers.removePolicy(POLICY, this::note);
    assertThat(told).containsExactly(PEER, PEER);
    assertThat(peers.wants(PEER)).isFalse();
  }

  @Test
  void aPodThatEndsIsToldOfAndForgotten() {
    peers.upsertPolicy(POLICY, this::note);
    peers.upsertPod(POD, pod("10.42.0.5", "Running", false), this::note);
    peers.upsertPod(POD, pod("10.42.0.5", "Failed", false), this::note);
    assertThat(told).containsExactly(PEER, PEER);
    assertThat(peers.wants(PEER)).isFalse();
  }
}
