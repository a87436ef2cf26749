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

  private void policy(String pod, String rules) {
    desired.upsert(
        Resource.NETWORK_POLICIES,
        Json.read(
            """
            {"metadata": {"namespace": "default", "name": "p"},
             "spec": {"podSelector": {"matchLabels": {"app": "%s"}}, %s}}
            """
                .formatted(pod, rules.replace('\'', '"'))));
  }

  private static void awaitHeld(Path from, String target) throws Exception {
    Await.until(target + " is held", () -> !connects(from, target));
  }

  @Test
  void aPodIsReachedThroughItsServiceByWhomItsPolicyLetsIn() throws Exception {
    web(WEB, address(1));
    Path friend = PODS.get(0).network();
    Path stranger = PODS.get(2).network();
    policy("pod-1", "'ingress': [{'from': [{'podSelector': {'matchLabels': {'app': 'pod-0'}}}]}]");
    awaitHeld(stranger, "10.43.0.9");

    assertThat(in(friend, curl("10.43.0.9"))).isEqualTo("pod-1\n");
    assertThat(in(friend, curl("203.0.113.1:30080"))).isEqualTo("pod-1\n");
    assertThat(connects(stranger, "203.0.113.1:30080")).as("by the node port").isFalse();
    assertThat(connects(outside, "203.0.113.1:30080")).as("from outside").isFalse();
    assertThat(in(HERE, curl("10.43.0.9"))).as("its own node").isEqualTo("pod-1\n");
    assertThat(in(PODS.get(1).network(), curl("10.43.0.9"))).as("itself").isEqualTo("pod-1\n");

    desired.remove(Resource.NETWORK_POLICIES, new ObjectKey("default", "p"));
    Await.until("let in again", () -> connects(stranger, "10.43.0.9"));
  }

  @Test
  void whoComesFromOutsideIsKnownByItsOwnAddress() throws Exception {
    web(WEB, address(1));
    policy("pod-1", "'ingress': [{'from': [{'ipBlock': {'cidr': '198.51.100.0/24'}}]}]");
    awaitHeld(outside, "203.0.113.1:30080");

    policy("pod-1", "'ingress': [{'from': [{'ipBlock': {'cidr': '203.0.113.9/32'}}]}]");
    Await.until("it is let in", () -> connects(outside, "203.0.113.1:30080"));
    assertThat(connects(PODS.get(0).network(), "10.43.0.9")).as("a pod").isFalse();
  }

  @Test
  void aPodReachesThroughServicesWhatItsPolicyLetsItReach() throws Exception {
    web(WEB, address(1));
    Path held = PODS.get(0).network();
    policy("pod-0", "'policyTypes': ['Egress']");
    awaitHeld(held, "10.43.0.9");
    assertThat(in(PODS.get(2).network(), curl("10.43.0.9"))).as("another").isEqualTo("pod-1\n");

    policy("pod-0", "'policyTypes': ['Egress'], 'egress': [{'ports': [{'port': 'http'}]}]");
    Await.until("the backend's named port is let", () -> connects(held, "10.43.0.9"));
    // The rule is about the backend's port, not the service's.
    policy("pod-0", "'policyTypes': ['Egress'], 'egress': [{'ports': [{'port': 81}]}]");
    awaitHeld(held, "10.43.0.9");
  }

  @Test
  void datagramsThroughServicesAreHeldAlike() throws Exception {
    Path asking = PODS.get(0).network();
    try (UdpEcho _ = new UdpEcho(PODS.get(1).network(), 53, "pod-1")) {
      desired.upsert(Resource.SERVICES, Fixtures.service("dns", "10.43.0.10", "53/UDP"));
      desired.upsert(Resource.ENDPOINT_SLICES, Fixtures.slice("dns", "53/UDP", address(1)));
      settle();
      assertThat(UdpEcho.ask(asking, "10.43.0.10", 53)).isEqualTo("pod-1");

      web(WEB, address(1)); // to see when the policy is in force
      policy("pod-1", "'ingress': [{'ports': [{'port': 54, 'protocol': 'UDP'}]}]");
      awaitHeld(asking, "10.43.0.9");
      assertThatThrownBy(() -> UdpEcho.ask(asking, "10.43.0.10", 53, HELD_FOR))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }
}
