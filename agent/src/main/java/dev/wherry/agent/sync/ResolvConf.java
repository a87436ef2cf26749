package dev.wherry.agent.sync;

import dev.wherry.agent.desired.NodeFacts;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A pod's resolv.conf as kubelet renders it. Pure.
 *
 * @param omissions what did not fit, in words for events
 */
record ResolvConf(String text, List<String> omissions) {
  private static final int MAX_NAMESERVERS = 3;
  private static final int MAX_SEARCHES = 32;
  private static final int MAX_SEARCH_CHARACTERS = 2048;

  ResolvConf {
    omissions = List.copyOf(omissions);
  }

  /**
   * @param hostFile the node's own
   */
  static ResolvConf render(PodView pod, String hostFile, NodeFacts node) {
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
            values.forEach(each -> servers.add(reachable(each, pod, node)));
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
    return of(List.copyOf(new LinkedHashSet<>(servers)), searches, options);
  }

  /**
   * A server that listens on the node's loopback alone, as systemd's does, is none for a pod with a
   * network of its own. The cluster's server stands for it: on the node, it asks that one.
   */
  private static String reachable(String server, PodView pod, NodeFacts node) {
    boolean loopback = server.startsWith("127.") || server.equals("::1");
    return loopback && !pod.hostNetwork() && !node.clusterDns().isEmpty()
        ? node.clusterDns()
        : server;
  }

  private static ResolvConf of(List<String> servers, Set<String> searches, Set<String> options) {
    StringBuilder text = new StringBuilder(128);
    List<String> omissions = new ArrayList<>();
    List<String> applied = servers.subList(0, Math.min(servers.size(), MAX_NAMESERVERS));
    applied.forEach(each -> text.append("nameserver ").append(each).append('\n'));
    if (applied.size() < servers.size()) {
      omissions.add(
          "Nameserver limits were exceeded, some nameservers have been omitted, the applied"
              + " nameserver line is: "
              + String.join(" ", applied));
    }
    List<String> domains = withinLimits(searches);
    if (!domains.isEmpty()) {
      text.append("search ").append(String.join(" ", domains)).append('\n');
    }
    if (domains.size() < searches.size()) {
      omissions.add(
          "Search Line limits were exceeded, some search paths have been omitted, the applied"
              + " search line is: "
              + String.join(" ", domains));
    }
    if (!options.isEmpty()) {
      text.append("options ").append(String.join(" ", options)).append('\n');
    }
    return new ResolvConf(text.toString(), omissions);
  }

  /** As many domains as Kubernetes allows; the C library ignores some of longer lists silently. */
  private static List<String> withinLimits(Set<String> domains) {
    List<String> applied = new ArrayList<>();
    int length = 0;
    for (String each : domains) {
      length += each.length() + (applied.isEmpty() ? 0 : 1);
      if (applied.size() == MAX_SEARCHES || length > MAX_SEARCH_CHARACTERS) {
        break;
      }
      applied.add(each);
    }
    return applied;
  }
}
