package dev.wherry.agent.services;

import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** Services and endpoint slices as YAML would have them, in short. */
final class Fixtures {
  static final NodeName NODE = new NodeName("pi-1");
  static final String PODS = "10.42.0.0/16";
  static final String SERVICES = "10.43.0.0/16";
  static final Networks NETWORKS = new Networks("10.42.0.0/24", PODS, SERVICES);
  static final BaseRules BASE = new BaseRules("t", PODS, SERVICES);

  private Fixtures() {}

  /** {@code port} as {@code 80}, {@code 80/UDP} or {@code 80/TCP@30080}. */
  static Obj service(String name, String clusterIp, String port) {
    String[] atNodePort = port.split("@", -1);
    String[] ofProtocol = atNodePort[0].split("/");
    return Json.read(
        """
        {"metadata": {"namespace": "default", "name": "%s"},
         "spec": {"type": "%s", "clusterIP": "%s",
           "ports": [{"port": %s, "protocol": "%s", "nodePort": %s}]}}
        """
            .formatted(
                name,
                atNodePort.length > 1 ? "NodePort" : "ClusterIP",
                clusterIp,
                ofProtocol[0],
                ofProtocol.length > 1 ? ofProtocol[1] : "TCP",
                atNodePort.length > 1 ? atNodePort[1] : "0"));
  }

  /** The service with another member of its spec. */
  static Obj with(Obj service, String key, Object value) {
    return service.change("spec", spec -> spec.with(key, Obj.valueOf(value)));
  }

  /**
   * A slice of the service; endpoints as {@code 10.42.0.5}, {@code 10.42.1.5@pi-2} (another node),
   * {@code 10.42.0.5!} (terminating and serving), {@code 10.42.0.5?} (not ready).
   */
  static Obj slice(String service, String port, String... endpoints) {
    String[] ofProtocol = port.split("/");
    List<Obj> objs = new ArrayList<>();
    for (String text : endpoints) {
      boolean terminating = text.endsWith("!");
      boolean unready = terminating || text.endsWith("?");
      String[] atNode = (unready ? text.substring(0, text.length() - 1) : text).split("@", -1);
      objs.add(
          Obj.of(
              "addresses",
              List.of(atNode[0]),
              "nodeName",
              atNode.length > 1 ? atNode[1] : NODE.text(),
              "conditions",
              Obj.of(
                  "ready",
                  !unready,
                  "serving",
                  terminating || !unready,
                  "terminating",
                  terminating)));
    }
    return Obj.of(
        "metadata",
        Obj.of(
            "namespace",
            "default",
            "name",
            service + "-slice",
            "labels",
            Obj.of("kubernetes.io/service-name", service)),
        "addressType",
        "IPv4",
        "ports",
        List.of(
            Obj.of(
                "name",
                "",
                "port",
                Long.parseLong(ofProtocol[0]),
                "protocol",
                ofProtocol.length > 1 ? ofProtocol[1] : "TCP")),
        "endpoints",
        objs);
  }
}
