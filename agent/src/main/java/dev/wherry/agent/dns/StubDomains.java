package dev.wherry.agent.dns;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Change;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which servers are asked for names of chosen domains, and for all others instead of the node's own
 * servers, as the ConfigMap {@code kube-dns} in {@code kube-system} says (Kubernetes, customizing
 * the DNS service):
 *
 * <pre>
 * stubDomains: '{"corp.example": ["192.0.2.53", "192.0.2.54:5353"]}'
 * upstreamNameservers: '["192.0.2.1"]'
 * </pre>
 *
 * What cannot be read is left out, and the log says so. Thread-safe.
 */
final class StubDomains {
  static final ObjectKey CONFIG = new ObjectKey("kube-system", "kube-dns");

  /** Domains that are looked at. */
  static final int MAX_DOMAINS = 64;

  private static final Logger LOG = LoggerFactory.getLogger(StubDomains.class);

  private record Servers(
      Map<String, List<InetSocketAddress>> domains, List<InetSocketAddress> others) {
    static final Servers NONE = new Servers(Map.of(), List.of());
  }

  private volatile Servers servers = Servers.NONE;
  private volatile Runnable changed = () -> {};

  private StubDomains() {}

  static StubDomains follow(DesiredState desired) {
    StubDomains stubs = new StubDomains();
    desired.listen(stubs::onChange);
    desired.get(Resource.CONFIG_MAPS, CONFIG).ifPresent(stubs::read);
    return stubs;
  }

  /**
   * @param listener told of each change, after it is visible; one alone, must not block
   */
  void whenChanged(Runnable listener) {
    changed = listener;
  }

  private void onChange(Change change) {
    switch (change) {
      case Change.Upserted(var resource, var object) -> {
        if (isConfig(resource, object)) {
          read(object);
          changed.run();
        }
      }
      case Change.Removed(var resource, var last) -> {
        if (isConfig(resource, last)) {
          servers = Servers.NONE;
          changed.run();
        }
      }
      case Change.NetworksKnown _, Change.Synced _ -> {}
    }
  }

  private static boolean isConfig(Resource resource, Obj object) {
    return resource == Resource.CONFIG_MAPS && ObjectKey.of(object).equals(CONFIG);
  }

  private void read(Obj config) {
    Map<String, List<InetSocketAddress>> domains = new HashMap<>();
    Obj data = config.obj("data");
    if (value(data, "stubDomains") instanceof Obj stubs) {
      for (Obj.Entry stub : stubs) {
        String domain = stub.key();
        List<InetSocketAddress> those = addresses("stubDomains", stubs.list(domain));
        if (domains.size() < MAX_DOMAINS && !those.isEmpty()) {
          String name = domain.toLowerCase(Locale.ROOT);
          domains.put(name.endsWith(".") ? name.substring(0, name.length() - 1) : name, those);
        } else {
          complain("stubDomains", "\"" + domain + "\" has no servers, or is one too many");
        }
      }
    }
    List<InetSocketAddress> others =
        value(data, "upstreamNameservers") instanceof List<?> list
            ? addresses("upstreamNameservers", list)
            : List.of();
    servers = new Servers(Map.copyOf(domains), others);
    LOG.info("the ConfigMap {} names servers for {} and {}", CONFIG, domains.keySet(), others);
  }

  private static Object value(Obj data, String key) {
    String text = data.string(key);
    if (text.isBlank()) {
      return "";
    }
    try {
      return Json.readValue(text.getBytes(StandardCharsets.UTF_8), _ -> {});
    } catch (MalformedTreeException e) {
      complain(key, String.valueOf(e.getMessage()));
      return "";
    }
  }

  private static List<InetSocketAddress> addresses(String key, List<?> texts) {
    List<InetSocketAddress> addresses = new ArrayList<>();
    for (Object text : texts) {
      try {
        if (addresses.size() < Upstreams.MAX_SERVERS) {
          addresses.add(address(String.valueOf(text)));
        }
      } catch (IllegalArgumentException _) {
        complain(key, "\"" + text + "\" is no address with or without a port");
      }
    }
    return List.copyOf(addresses);
  }

  /** An address with a port behind a colon, where there is one; IPv6's then in brackets. */
  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    boolean hasPort = colon > 0 && (text.indexOf(':') == colon || text.charAt(colon - 1) == ']');
    String host = hasPort ? text.substring(0, colon) : text;
    int port = hasPort ? Integer.parseInt(text.substring(colon + 1)) : Upstreams.DNS_PORT;
    boolean bracketed = host.startsWith("[") && host.endsWith("]");
    return new InetSocketAddress(
        InetAddress.ofLiteral(bracketed ? host.substring(1, host.length() - 1) : host), port);
  }

  private static void complain(String key, String what) {
    LOG.warn("the ConfigMap {}, {}: {}; it is left out", CONFIG, key, what);
  }

  /**
   * Who is to be asked for a name by the longest domain that it is of; empty: the node's own
   * servers.
   *
   * @param name lower case, without the last dot
   */
  Optional<List<InetSocketAddress>> serversOf(String name) {
    Servers now = servers;
    String rest = name;
    while (!now.domains().isEmpty()) {
      List<InetSocketAddress> those = now.domains().get(rest);
      if (those != null) {
        return Optional.of(those);
      }
      int dot = rest.indexOf('.');
      if (dot < 0) {
        break;
      }
      rest = rest.substring(dot + 1);
    }
    return now.others().isEmpty() ? Optional.empty() : Optional.of(now.others());
  }
}
