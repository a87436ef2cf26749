package dev.wherry.agent.sync;

import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.api.view.PodView;

/**
 * What a pod's processes take their host's name for (v1.PodSpec: hostname, subdomain,
 * setHostnameAsFQDN, hostnameOverride). Pure.
 *
 * @param name without a domain
 * @param domain of the cluster's, empty where the pod has no subdomain
 * @param kernel what uname(2) says
 */
record HostName(String name, String domain, String kernel) {
  /** Linux bounds it (uname(2)). */
  private static final int MAX_KERNEL = 64;

  private static final int MAX_NAME = 63;

  /**
   * @throws ConfigException where the name of the pod's own wish is longer than Linux allows
   */
  static HostName of(PodView pod, NodeFacts node) throws ConfigException {
    if (pod.hostNetwork()) {
      return new HostName(node.name(), "", node.name());
    }
    if (!pod.hostnameOverride().isEmpty()) {
      return new HostName(pod.hostnameOverride(), "", pod.hostnameOverride());
    }
    String name = pod.hostname().isEmpty() ? cut(pod.meta().name()) : pod.hostname();
    if (pod.subdomain().isEmpty()) {
      return new HostName(name, "", name);
    }
    String domain = pod.subdomain() + "." + pod.meta().namespace() + ".svc." + node.clusterDomain();
    if (!pod.setHostnameAsFqdn()) {
      return new HostName(name, domain, name);
    }
    String full = name + "." + domain;
    if (full.length() > MAX_KERNEL) {
      throw new ConfigException(
          "Failed to construct FQDN from pod hostname and cluster domain, FQDN "
              + full
              + " is too long ("
              + MAX_KERNEL
              + " characters is the max, "
              + full.length()
              + " characters requested)");
    }
    return new HostName(name, domain, full);
  }

  /** A pod's name may be longer than a host's; dots and dashes do not end one. */
  private static String cut(String name) {
    String cut = name.length() > MAX_NAME ? name.substring(0, MAX_NAME) : name;
    return cut.replaceAll("[-.]+$", "");
  }
}
