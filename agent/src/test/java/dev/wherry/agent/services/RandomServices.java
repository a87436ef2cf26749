package dev.wherry.agent.services;

import dev.wherry.api.address.IpFamily;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A seeded stream of edits to a handful of services, and the rules that follow from each. */
final class RandomServices {
  private final Random random;
  private final ServiceTables tables = new ServiceTables(Fixtures.NODE, IpFamily.IPV4);
  private Ruleset rules = Ruleset.empty(Fixtures.BASE);

  RandomServices(long seed) {
    random = new Random(seed);
  }

  Ruleset rules() {
    return rules;
  }

  /** Makes up to three edits. */
  Ruleset edit() {
    for (int i = random.nextInt(3); i >= 0; i--) {
      editOne();
    }
    Map<ObjectKey, ServiceRules> changed = new HashMap<>();
    tables
        .takeChanged()
        .forEach(
            key -> changed.put(key, ServiceRules.render(tables.resolve(key), Fixtures.NETWORKS)));
    rules = rules.with(changed);
    return rules;
  }

  private void editOne() {
    int number = random.nextInt(6);
    String name = "svc-" + number;
    String port = "80" + (number % 3 == 0 ? "/UDP" : "/TCP");
    switch (random.nextInt(10)) {
      case 0 -> tables.removeService(new ObjectKey("default", name));
      case 1 -> tables.removeSlice(new ObjectKey("default", name + "-slice"));
      case 2, 3, 4 -> tables.putService(service(name, number, port));
      default -> tables.putSlice(Fixtures.slice(name, port, endpoints()));
    }
  }

  private Obj service(String name, int number, String port) {
    Obj service =
        Fixtures.service(
            name,
            "10.43.0." + (10 + number),
            random.nextBoolean() ? port : port + "@3008" + number);
    if (random.nextInt(3) == 0) {
      service = Fixtures.with(service, "sessionAffinity", "ClientIP");
    }
    if (random.nextInt(3) == 0) {
      service = Fixtures.with(service, "externalTrafficPolicy", "Local");
    }
    if (random.nextInt(4) == 0) {
      service = Fixtures.with(service, "internalTrafficPolicy", "Local");
    }
    if (random.nextInt(3) == 0) {
      // Few addresses, so that services fight for them.
      service =
          Fixtures.with(service, "externalIPs", List.of("198.51.100." + (1 + random.nextInt(2))));
    }
    return service;
  }

  private String[] endpoints() {
    String[] endpoints = new String[random.nextInt(12) == 0 ? 20 : random.nextInt(5)];
    for (int i = 0; i < endpoints.length; i++) {
      boolean local = random.nextBoolean();
      String suffix = random.nextInt(6) == 0 ? "!" : random.nextInt(6) == 0 ? "?" : "";
      int last = 5 + random.nextInt(25);
      endpoints[i] = local ? "10.42.0." + last + suffix : "10.42.1." + last + "@pi-2" + suffix;
    }
    return endpoints;
  }
}
