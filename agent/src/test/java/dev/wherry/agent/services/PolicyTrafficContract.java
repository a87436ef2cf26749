package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.Await;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.network.PodNetwork.Sandbox;
import dev.wherry.agent.nft.Nft;
import dev.wherry.agent.policy.PolicyDataplane;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * NetworkPolicies hold for what goes through a service as for what goes to a pod's own address,
 * whoever balances. Real connections; the pods are labelled {@code app: pod-N}.
 */
abstract class PolicyTrafficContract extends ServiceOptionsContract {
  private static final String TABLE = "wherry-test-policies";

  /** Without an answer, for datagrams are not refused. */
  private static final Duration HELD_FOR = Duration.ofSeconds(1);

  PolicyDataplane policies;

  /** What policies are held with beside the balancer. */
  abstract Nft policyNft();

  @BeforeEach
  void startPolicies() {
    desired.upsert(Resource.NAMESPACES, Json.read("{\"metadata\": {\"name\": \"default\"}}"));
    for (int i = 0; i < PODS.size(); i++) {
      desired.upsert(Resource.PODS, pod("pod-" + i));
    }
    policies =
        new PolicyDataplane(
            desired, IpFamily.IPV4, TABLE, policyNft(), PolicyTrafficContract::address, HEARD);
    policies.start();
  }

  @AfterEach
  void removePolicies() throws Exception {
    PolicyDataplane.purge(TABLE, nft);
  }

  private static Obj pod(String name) {
    return Json.read(
        """
        {"metadata": {"namespace": "default", "name": "%1$s", "uid": "%1$s", "labels": {"app": "%1$s"}},
         "spec": {"containers": [{"name": "c",
           "ports": [{"name": "http", "containerPort": 80, "protocol": "TCP"}]}]}}
        """
            .formatted(name));
  }

  private static Optional<Ip> address(PodUid pod) {
    return Optional.of(sandbox(pod.text()).address());
  }

  private static Sandbox sandbox(String pod) {
    return PODS.get(Integer.parseInt(pod.substring("pod-".length())));
  }

  /** In force for this pod when it returns. */
  private void policy(String pod, String rules) {
    desired.upsert(
        Resource.NETWORK_POLICIES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "p"},
             "spec": {"podSelector": {"matchLabels": {"app": "%s"}}, %s}}
            """
                .formatted(pod, rules.replace('\'', '"'))));
    policies.podMoved(new PodUid(pod));
  }

  private static void assertHeld(Path from, String target) throws Exception {
    assertThat(connects(from, target)).as("%s from %s", target, from).isFalse();
  }

  @Test
  void aPodIsReachedThroughItsServiceByWhomItsPolicyLetsIn() throws Exception {
    web(WEB, address(1));
    Path friend = PODS.get(0).network();
    Path stranger = PODS.get(2).network();
    policy("pod-1", "'ingress': [{'from': [{'podSelector': {'matchLabels': {'app': 'pod-0'}}}]}]");
    assertHeld(stranger, "10.43.0.9");

    assertThat(in(friend, curl("10.43.0.9"))).isEqualTo("pod-1\n");
    assertThat(in(friend, curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
    assertHeld(stranger, "203.0.113.1:30080");
    assertHeld(outside, "203.0.113.1:30080");
    assertThat(in(HERE, curl("10.43.0.9"))).as("its own node").isEqualTo("pod-1\n");
    assertThat(in(PODS.get(1).network(), curl("10.43.0.9"))).as("itself").isEqualTo("pod-1\n");

    desired.remove(Resource.NETWORK_POLICIES, new ObjectKey("default", "p"));
    Await.until("let in again", () -> connects(stranger, "10.43.0.9"));
  }

  @Test
  void whoComesFromOutsideIsKnownByItsOwnAddress() throws Exception {
    web(WEB, address(1));
    policy("pod-1", "'ingress': [{'from': [{'ipBlock': {'cidr': '198.51.100.0/24'}}]}]");
    assertHeld(outside, "203.0.113.1:30080");

    policy("pod-1", "'ingress': [{'from': [{'ipBlock': {'cidr': '203.0.113.9/32'}}]}]");
    assertThat(in(outside, curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
    assertHeld(PODS.get(0).network(), "10.43.0.9");
  }

  @Test
  void aPodReachesThroughServicesWhatItsPolicyLetsItReach() throws Exception {
    web(WEB, address(1));
    Path held = PODS.get(0).network();
    policy("pod-0", "'policyTypes': ['Egress']");
    assertHeld(held, "10.43.0.9");
    assertThat(in(PODS.get(2).network(), curl("10.43.0.9"))).as("another").isEqualTo("pod-1\n");

    policy("pod-0", "'policyTypes': ['Egress'], 'egress': [{'ports': [{'port': 'http'}]}]");
    assertThat(in(held, curl("10.43.0.9"))).as("the named port").isEqualTo("pod-1\n");
    // The rule is about the backend's port, not the service's.
    policy("pod-0", "'policyTypes': ['Egress'], 'egress': [{'ports': [{'port': 81}]}]");
    assertHeld(held, "10.43.0.9");
  }

  @Test
  void datagramsThroughServicesAreHeldAlike() throws Exception {
    Path asking = PODS.get(0).network();
    try (UdpEcho _ = new UdpEcho(PODS.get(1).network(), 53, "pod-1")) {
      desired.upsert(Resource.SERVICES, Fixtures.service("dns", "10.43.0.10", "53/UDP"));
      desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", address(1)));
      settle();
      assertThat(UdpEcho.ask(asking, "10.43.0.10", 53)).isEqualTo("pod-1");

      policy("pod-1", "'ingress': [{'ports': [{'port': 54, 'protocol': 'UDP'}]}]");
      assertThatThrownBy(() -> UdpEcho.ask(asking, "10.43.0.10", 53, HELD_FOR))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }
}
