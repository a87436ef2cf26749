package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.nft.LibNftables;
import dev.wherry.agent.nft.Nft;
import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How long one endpoint change takes until it is in the kernel, from the slice on, with so many
 * services of three endpoints each. Runs in the network namespace of its process; needs root.
 */
final class RulesBench {
  private static final int WARM_UP = 50;
  private static final int CHANGES = 200;

  private RulesBench() {}

  public static void main(String[] numbers) throws Exception {
    for (String number : numbers) {
      measure(Integer.parseInt(number));
    }
  }

  private static void measure(int services) throws Exception {
    ServiceTables tables = new ServiceTables(Fixtures.NODE, IpFamily.IPV4);
    for (int i = 0; i < services; i++) {
      tables.putService(
          Fixtures.service("svc-" + i, "10.43." + i / 250 + "." + (1 + i % 250), "80"));
      endpoints(tables, i, 3);
    }
    try (Nft nft = LibNftables.open()) {
      KernelBalancer balancer = new KernelBalancer("wherry-bench", nft, IpFamily.IPV4);
      balancer.begin(new Networks("10.42.0.0/24", Fixtures.PODS, Fixtures.SERVICES));
      long start = System.nanoTime();
      change(tables, balancer);
      long loaded = System.nanoTime();
      long[] nanos = new long[CHANGES];
      for (int i = -WARM_UP; i < CHANGES; i++) {
        long before = System.nanoTime();
        int service = Math.floorMod(i, services);
        endpoints(tables, service, Math.floorMod(Math.floorDiv(i, services), 2) == 0 ? 2 : 4);
        change(tables, balancer);
        if (i >= 0) {
          nanos[i] = System.nanoTime() - before;
        }
      }
      Arrays.sort(nanos);
      System.out.printf(
          "%,5d services: full load %4.0f ms, one endpoint change p50 %.2f ms, p99 %.2f ms%n",
          services, (loaded - start) / 1e6, nanos[CHANGES / 2] / 1e6, nanos[CHANGES - 2] / 1e6);
      KernelBalancer.purge("wherry-bench", nft);
    }
  }

  private static void change(ServiceTables tables, KernelBalancer balancer) throws Exception {
    Map<ObjectKey, List<ServicePort>> resolved = new HashMap<>();
    tables.takeChanged().forEach(key -> resolved.put(key, tables.resolve(key)));
    balancer.take(resolved);
    balancer.apply();
  }

  private static void endpoints(ServiceTables tables, int service, int count) {
    String[] addresses = new String[count];
    for (int i = 0; i < count; i++) {
      int node = service / 80;
      String pod = "10.42." + node + "." + (2 + service % 80 * 3 + i);
      addresses[i] = node == 0 ? pod : pod + "@node-" + node; // 240 of the pods are this node's
    }
    tables.putSlice(Fixtures.slice("svc-" + service, "80", addresses));
  }
}
