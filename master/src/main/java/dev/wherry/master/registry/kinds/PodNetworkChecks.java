package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a pod's spec says of its names, its name servers and the host's ports. Pure. */
final class PodNetworkChecks {
  private static final int MAX_HOSTNAME_BYTES = 64;
  private static final int MAX_NAME_SERVERS = 3;
  private static final int MAX_SEARCHES = 32;
  private static final int MAX_SEARCH_CHARACTERS = 2048;
  private static final String DECIDED_OTHERWISE = "may not be specified when %s is true";

  private PodNetworkChecks() {}

  static void check(Obj spec, String path, Causes causes) {
    hostPorts(spec, path, causes);
    dns(spec, path + ".dnsConfig", causes);
    for (String key : List.of("hostname", "subdomain")) {
      if (!spec.string(key).isEmpty()) {
        Checks.name(NameRule.DNS_LABEL, spec.string(key), path + "." + key, causes);
      }
    }
    if (spec.has("hostnameOverride")) {
      hostnameOverride(spec, path + ".hostnameOverride", causes);
    }
    hostAliases(spec.objs("hostAliases"), path + ".hostAliases", causes);
  }

  /** A name that stands for the pod's own inside, where nothing else decides it. */
  private static void hostnameOverride(Obj spec, String path, Causes causes) {
    for (String decider : List.of("setHostnameAsFQDN", "hostNetwork")) {
      if (spec.flag(decider)) {
        causes.forbidden(path, DECIDED_OTHERWISE.formatted(decider));
      }
    }
    String name = spec.string("hostnameOverride");
    causes.ifTooLong(path, name, MAX_HOSTNAME_BYTES);
    NameRule.DNS_SUBDOMAIN
        .complaint(name)
        .ifPresent(complaint -> causes.invalid(path, name, complaint));
  }

  private static void dns(Obj spec, String path, Causes causes) {
    Obj config = spec.obj("dnsConfig");
    List<String> servers = config.strings("nameservers");
    if (spec.string("dnsPolicy").equals("None")) {
      if (!spec.has("dnsConfig")) {
        causes.required(path, "must provide `dnsConfig` when `dnsPolicy` is None");
        return;
      }
      if (servers.isEmpty()) {
        causes.required(
            path + ".nameservers",
            "must provide at least one DNS nameserver when `dnsPolicy` is None");
        return;
      }
    }
    if (servers.size() > MAX_NAME_SERVERS) {
      causes.invalid(
          path + ".nameservers",
          servers,
          "must not have more than " + MAX_NAME_SERVERS + " nameservers");
    }
    for (int i = 0; i < servers.size(); i++) {
      Checks.address(servers.get(i), path + ".nameservers[" + i + "]", causes);
    }
    searches(config.strings("searches"), path + ".searches", causes);
    Checks.each(
        config.objs("options"),
        path + ".options",
        (option, at) -> {
          if (option.string("name").isEmpty()) {
            causes.required(at, "must not be empty");
          }
        });
  }

  private static void searches(List<String> searches, String path, Causes causes) {
    if (searches.size() > MAX_SEARCHES) {
      causes.invalid(path, searches, "must not have more than " + MAX_SEARCHES + " search paths");
    }
    if (String.join(" ", searches).length() > MAX_SEARCH_CHARACTERS) {
      causes.invalid(
          path,
          searches,
          "must not have more than "
              + MAX_SEARCH_CHARACTERS
              + " characters (including spaces) in the search list");
    }
    for (int i = 0; i < searches.size(); i++) {
      String domain = searches.get(i);
      String bare = domain.endsWith(".") ? domain.substring(0, domain.length() - 1) : domain;
      String at = path + "[" + i + "]";
      if (!domain.equals(".")) {
        NameRule.DNS_SUBDOMAIN_WITH_UNDERSCORES
            .complaint(bare)
            .ifPresent(complaint -> causes.invalid(at, bare, complaint));
      }
    }
  }

  private static void hostAliases(List<Obj> aliases, String path, Causes causes) {
    Checks.each(
        aliases,
        path,
        (alias, at) -> {
          Checks.address(alias.string("ip"), at + ".ip", causes);
          List<String> names = alias.strings("hostnames");
          for (int i = 0; i < names.size(); i++) {
            Checks.name(NameRule.DNS_SUBDOMAIN, names.get(i), at + ".hostnames[" + i + "]", causes);
          }
        });
  }

  /**
   * A port of the host can be given once among what runs side by side, and once within each step
   * before; on the host's own network it is the container's.
   */
  private static void hostPorts(Obj spec, String path, Causes causes) {
    Set<String> taken = new HashSet<>();
    Checks.each(
        spec.objs("containers"),
        path + ".containers",
        (container, at) -> {
          hostPorts(container, at, taken, causes);
          if (spec.flag("hostNetwork")) {
            Checks.each(
                container.objs("ports"),
                at + ".ports",
                (port, where) -> sameOnHost(port, where, causes));
          }
        });
    Checks.each(
        spec.objs("initContainers"),
        path + ".initContainers",
        (container, at) -> hostPorts(container, at, new HashSet<>(), causes));
  }

  private static void hostPorts(Obj container, String path, Set<String> taken, Causes causes) {
    Checks.each(
        container.objs("ports"),
        path + ".ports",
        (port, at) -> {
          long hostPort = port.number("hostPort", 0);
          String claimed = port.string("protocol") + "/" + port.string("hostIP") + "/" + hostPort;
          if (hostPort != 0 && !taken.add(claimed)) {
            causes.duplicate(at + ".hostPort", claimed);
          }
        });
  }

  private static void sameOnHost(Obj port, String at, Causes causes) {
    long hostPort = port.number("hostPort", 0);
    if (hostPort != 0 && hostPort != port.number("containerPort", 0)) {
      causes.invalid(
          at + ".hostPort", hostPort, "must match `containerPort` when `hostNetwork` is true");
    }
  }
}
