package dev.wherry.agent.sync;

import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Renders a pod's hosts and resolv.conf files as kubelet does. Pure. */
final class NodeFiles {
  private static final int MAX_NAMESERVERS = 3;

  private NodeFiles() {}

  /**
   * @param hostFile the node's own, for a pod in its network
   */
  static String hosts(PodView pod, String podIp, String hostFile, NodeFacts node) {
    StringBuilder text = new StringBuilder(256);
    if (pod.hostNetwork()) {
      text.append("# Kubernetes-managed hosts file (host network).\n").append(hostFile);
    } else {
      text.append(
          """
          # Kubernetes-managed hosts file.
          127.0.0.1\tlocalhost
          ::1\tlocalhost ip6-localhost ip6-loopback
          fe00::0\tip6-localnet
          fe00::0\tip6-mcastprefix
          fe00::1\tip6-allnodes
          fe00::2\tip6-allrouters
          """);
      String name = Environment.hostname(pod);
      text.append(podIp).append('\t');
      if (!pod.subdomain().isEmpty()) {
        text.append(name).append('.').append(pod.subdomain()).append('.');
        text.append(pod.meta().namespace()).append(".svc.").append(node.clusterDomain());
        text.append('\t');
      }
      text.append(name).append('\n');
    }
    if (!pod.hostAliases().isEmpty()) {
      text.append("\n# Entries added by HostAliases.\n");
      pod.hostAliases()
          .forEach(
              alias ->
                  text.append(alias.ip())
                      .append('\t')
                      .append(String.join("\t", alias.hostnames()))
                      .append('\n'));
    }
    return text.toString();
  }

  /**
   * @param hostFile the node's own
   */
  static String resolvConf(PodView pod, String hostFile, NodeFacts node) {
    List<String> servers = new ArrayList<>();
    Set<String> searches = new LinkedHashSet<>();
    Set<String> options = new LinkedHashSet<>();
    boolean cluster =
        !node.clusterDns().isEmpty()
            && (pod.dnsPolicy().equals("ClusterFirstWithHostNet")
                || pod.dnsPolicy().equals("ClusterFirst") && !pod.hostNetwork());
    boolean none = pod.dnsPolicy().equals("None");
    if (cluster) {
      String domain = node.clusterDomain();
      servers.add(node.clusterDns());
      searches.addAll(List.of(pod.meta().namespace() + ".svc." + domain, "svc." + domain, domain));
      options.add("ndots:5");
    }
    for (String line : hostFile.lines().toList()) {
      String[] words = line.strip().split("\\s+");
      List<String> values = List.of(words).subList(1, words.length);
      switch (words[0]) {
        case "nameserver" -> {
          if (!cluster && !none) {
            servers.addAll(values);
          }
        }
        case "search" -> {
          if (!none) {
            searches.addAll(values);
          }
        }
        case "options" -> {
          if (!cluster && !none) {
            options.addAll(values);
          }
        }
        default -> {
          // Comments, and what the C library would ignore as well.
        }
      }
    }
    servers.addAll(pod.dnsConfig().nameservers());
    searches.addAll(pod.dnsConfig().searches());
    for (String option : pod.dnsConfig().options()) {
      String name = option.split(":")[0];
      options.removeIf(each -> each.split(":")[0].equals(name));
      options.add(option);
    }
    StringBuilder text = new StringBuilder(128);
    servers.stream()
        .distinct()
        .limit(MAX_NAMESERVERS)
        .forEach(each -> text.append("nameserver ").append(each).append('\n'));
    if (!searches.isEmpty()) {
      text.append("search ").append(String.join(" ", searches)).append('\n');
    }
    if (!options.isEmpty()) {
      text.append("options ").append(String.join(" ", options)).append('\n');
    }
    return text.toString();
  }
}
