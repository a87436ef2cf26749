package dev.wherry.agent.policy;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.nft.LibNftables;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.Ip;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;

/**
 * How long a pod that comes or goes takes until the kernel's policies know it, from the agent's
 * desired state on, with so many pods in the cluster, a policy for every ten of them and a tenth of
 * them on this node. Runs in the network namespace of its process; needs root.
 */
final class PolicyBench {
  private static final String TABLE = "wherry-policies-bench";
  private static final int WARM_UP = 10;
  private static final int CHANGES = 40;
  private static final int PODS_OF_A_POLICY = 10;
  private static final String COMING = "10.42.255.109";
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private PolicyBench() {}

  public static void main(String[] numbers) throws Exception {
    for (String number : numbers) {
      measure(Integer.parseInt(number));
    }
  }

  private static void measure(int pods) throws Exception {
    DesiredState desired = new DesiredState();
    desired.networks(new Networks("10.42.0.0/16", "10.42.0.0/16", "10.43.0.0/16"));
    desired.upsert(Resource.NAMESPACES, Obj.of("metadata", Obj.of("name", "bench")));
    for (int i = 0; i < pods; i++) {
      desired.upsert(i % 10 == 0 ? Resource.PODS : Resource.PEER_PODS, pod(i, address(i)));
    }
    for (int i = 0; i < Math.max(1, pods / PODS_OF_A_POLICY); i++) {
      desired.upsert(Resource.NETWORK_POLICIES, policy(i));
    }
    try (Nft nft = LibNftables.open()) {
      PolicyDataplane policies =
          new PolicyDataplane(
              desired,
              IpFamily.IPV4,
              TABLE,
              nft,
              uid -> Optional.of(Ip.parse(address(Integer.parseInt(uid.text())))),
              CompletableFuture.completedFuture(null));
      long start = System.nanoTime();
      policies.start();
      String set = await(nft);
      long loaded = System.nanoTime();
      long[] nanos = new long[CHANGES];
      for (int i = -WARM_UP; i < CHANGES; i++) {
        boolean comes = i % 2 == 0;
        long before = System.nanoTime();
        if (comes) {
          desired.upsert(Resource.PEER_PODS, pod(pods, COMING));
        } else {
          desired.remove(Resource.PEER_PODS, new ObjectKey("bench", "pod-" + pods));
        }
        await(() -> nft.elements(TABLE, set).contains(COMING) == comes);
        if (i >= 0) {
          nanos[i] = System.nanoTime() - before;
        }
      }
      Arrays.sort(nanos);
      System.out.printf(
          "%,5d pods, %d policies: full load %4.0f ms, a pod that comes or goes p50 %.0f ms, p99 %.0f"
              + " ms%n",
          pods,
          Math.max(1, pods / PODS_OF_A_POLICY),
          (loaded - start) / 1e6,
          nanos[CHANGES / 2] / 1e6,
          nanos[CHANGES - 1] / 1e6);
      PolicyDataplane.purge(TABLE, nft);
    }
  }

  /** The set of clients of the first policy, once the kernel has it. */
  private static String await(Nft nft) throws Exception {
    String[] found = {""};
    await(
        () -> {
          if (!nft.run("list tables ip\n").contains(TABLE)) {
            return false;
          }
          for (String line : nft.run("list table ip " + TABLE + "\n").lines().toList()) {
            String[] words = line.strip().split(" ");
            if (words[0].equals("set") && nft.elements(TABLE, words[1]).contains(address(0))) {
              found[0] = words[1];
            }
          }
          return !found[0].isEmpty();
        });
    return found[0];
  }

  /** A question of the kernel. */
  private interface Question {
    boolean ask() throws Exception;
  }

  private static void await(Question question) throws Exception {
    long end = System.nanoTime() + DEADLINE.toNanos();
    while (!question.ask()) {
      if (System.nanoTime() > end) {
        throw new IllegalStateException("the kernel does not know after " + DEADLINE);
      }
      LockSupport.parkNanos(Duration.ofMillis(1).toNanos());
    }
  }

  /** None of which begins another one. */
  private static String address(int pod) {
    return "10.42." + pod / 100 + "." + (100 + pod % 100);
  }

  /** Of one of the groups that policies select; the one that comes is of the first. */
  private static Obj pod(int number, String ip) {
    int group = ip.equals(COMING) ? 0 : number / PODS_OF_A_POLICY;
    return Obj.of(
        "metadata",
        Obj.of(
            "namespace",
            "bench",
            "name",
            "pod-" + number,
            "uid",
            String.valueOf(number),
            "labels",
            Obj.of("app", "app-" + group)),
        "spec",
        Obj.of("containers", List.of(Obj.of("name", "c"))),
        "status",
        Obj.of("podIP", ip));
  }

  /** Lets a group's pods be reached by their own kind. */
  private static Obj policy(int group) {
    Obj own = Obj.of("podSelector", Obj.of("matchLabels", Obj.of("app", "app-" + group)));
    return Obj.of(
        "metadata",
        Obj.of("namespace", "bench", "name", "policy-" + group),
        "spec",
        own.with("ingress", List.of(Obj.of("from", List.of(own)))));
  }
}
