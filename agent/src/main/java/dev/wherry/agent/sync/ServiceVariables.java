package dev.wherry.agent.sync;

import dev.wherry.api.tree.Obj;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The variables by which containers find services without DNS (kubelet: envvars). Pure. */
final class ServiceVariables {
  private ServiceVariables() {}

  /**
   * Those of the namespace's services and of {@code default/kubernetes}.
   *
   * @param links whether the namespace's own are wanted at all ({@code enableServiceLinks})
   */
  static Map<String, String> of(Collection<Obj> services, String namespace, Links links) {
    Map<String, String> variables = new LinkedHashMap<>();
    for (Obj service : services) {
      Obj meta = service.obj("metadata");
      boolean master =
          meta.string("name").equals("kubernetes") && meta.string("namespace").equals("default");
      boolean ours = meta.string("namespace").equals(namespace) && links == Links.ALL;
      String ip = service.obj("spec").string("clusterIP");
      if ((master || ours) && !ip.isEmpty() && !ip.equals("None")) {
        add(variables, meta.string("name"), ip, service.obj("spec").objs("ports"));
      }
    }
    return variables;
  }

  /** Which services' variables are wanted. */
  enum Links {
    ALL,
    MASTER_ONLY
  }

  private static void add(Map<String, String> variables, String name, String ip, List<Obj> ports) {
    if (ports.isEmpty()) {
      return;
    }
    String prefix = upper(name);
    variables.put(prefix + "_SERVICE_HOST", ip);
    variables.put(prefix + "_SERVICE_PORT", port(ports.getFirst()));
    for (Obj each : ports) {
      if (!each.string("name").isEmpty()) {
        variables.put(prefix + "_SERVICE_PORT_" + upper(each.string("name")), port(each));
      }
    }
    variables.put(prefix + "_PORT", url(ip, ports.getFirst()));
    for (Obj each : ports) {
      String protocol = each.string("protocol", "TCP");
      String link = prefix + "_PORT_" + port(each) + "_" + protocol;
      variables.put(link, url(ip, each));
      variables.put(link + "_PROTO", protocol.toLowerCase(Locale.ROOT));
      variables.put(link + "_PORT", port(each));
      variables.put(link + "_ADDR", ip);
    }
  }

  private static String url(String ip, Obj port) {
    String protocol = port.string("protocol", "TCP").toLowerCase(Locale.ROOT);
    return protocol + "://" + ip + ":" + port(port);
  }

  private static String port(Obj port) {
    return Long.toString(port.number("port", 0));
  }

  private static String upper(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }
}
