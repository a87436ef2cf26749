package dev.wherry.e2e;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/** Machines of a {@link Lan} with a pod each that says its name, {@code web-MACHINE}. */
abstract class WebScenario {
  static final Duration SOON = Duration.ofSeconds(90);

  static String pod(String name, String node) {
    return """
    apiVersion: v1
    kind: Pod
    metadata: {name: %s, labels: {app: web, node: %s}}
    spec:
      nodeName: %s
      terminationGracePeriodSeconds: 1
      containers:
      - {name: web, image: "wherry/hello:1", ports: [{containerPort: 80, hostPort: 8088}]}
    ---
    """
        .formatted(name, node, node);
  }

  static String podIp(Lan lan, Lan.Machine machine) {
    return lan.kubectl("get", "pod", "web-" + machine.name(), "-o", "jsonpath={.status.podIP}");
  }

  static Set<String> names(Lan.Machine... machines) {
    Set<String> names = new TreeSet<>();
    Arrays.stream(machines).forEach(each -> names.add("web-" + each.name()));
    return names;
  }

  /** Asks until everybody has been heard, or long enough. */
  static Set<String> heard(String url, Function<String[], String> curl, int everybody) {
    Set<String> heard = new TreeSet<>();
    for (int i = 0; i < 20 * everybody && heard.size() < everybody; i++) {
      heard.add(curl.apply(new String[] {url}).lines().findFirst().orElse("nothing"));
    }
    return heard;
  }
}
