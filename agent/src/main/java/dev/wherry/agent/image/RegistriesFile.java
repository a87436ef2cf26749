package dev.wherry.agent.image;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.RegistrySettings.Endpoint;
import dev.wherry.agent.runtime.RegistrySettings.Host;
import dev.wherry.agent.runtime.RegistrySettings.Mirror;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads {@code registries.yaml}, in the form that edge clusters know: {@code mirrors} by registry,
 * {@code configs} by host. What it cannot do is refused with its place in the file, so that nobody
 * takes a setting for done that is not.
 */
public final class RegistriesFile {
  private static final int MAX_BYTES = 1 << 20;

  /** The one rewrite that a mirror's location can say: a prefix before every repository. */
  private static final Pattern ALL = Pattern.compile("\\^?\\(\\.\\*\\)\\$?");

  private static final Pattern PREFIX = Pattern.compile("([a-z0-9._/-]+)/\\$1");

  private static final Pattern HOST =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9.:_-]*|\\[[0-9a-f:]+].*");

  private final String name;

  private RegistriesFile(String name) {
    this.name = name;
  }

  /**
   * The first of the files that exists; none: nothing is set.
   *
   * @throws IOException that names the file and the place in it
   */
  public static RegistrySettings read(List<Path> files) throws IOException {
    for (Path file : files) {
      if (Files.isRegularFile(file)) {
        if (Files.size(file) > MAX_BYTES) {
          throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
        }
        try {
          return parse(file.toString(), Files.readString(file));
        } catch (IllegalArgumentException e) {
          throw new IOException(e.getMessage(), e);
        }
      }
    }
    return RegistrySettings.NONE;
  }

  /**
   * @param name of the file, for messages
   * @throws IllegalArgumentException that names the place
   */
  static RegistrySettings parse(String name, String text) {
    Object root;
    try {
      root = new Load(LoadSettings.builder().setLabel(name).build()).loadFromString(text);
    } catch (YamlEngineException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
    RegistriesFile file = new RegistriesFile(name);
    Map<?, ?> members = file.map(root, "the file");
    file.onlyKnown(members, "the file", "mirrors", "configs");
    return new RegistrySettings(
        file.mirrors(file.map(members.get("mirrors"), "mirrors")),
        file.hosts(file.map(members.get("configs"), "configs")));
  }

  private IllegalArgumentException wrong(String place, String what) {
    return new IllegalArgumentException(name + ": " + place + ": " + what);
  }

  private Map<?, ?> map(@Nullable Object value, String place) {
    if (value == null) {
      return Map.of();
    }
    if (value instanceof Map<?, ?> map) {
      return map;
    }
    throw wrong(place, "must be a mapping");
  }

  private void onlyKnown(Map<?, ?> members, String place, String... known) {
    for (Object each : members.keySet()) {
      if (!List.of(known).contains(String.valueOf(each))) {
        throw wrong(place, "unknown member \"" + each + "\"");
      }
    }
  }

  private String text(Map<?, ?> members, String member) {
    Object value = members.get(member);
    return value == null ? "" : value.toString();
  }

  private List<Mirror> mirrors(Map<?, ?> members) {
    List<Mirror> mirrors = new ArrayList<>();
    members.forEach(
        (key, value) -> {
          String registry = String.valueOf(key);
          String place = "mirrors." + registry;
          if (registry.equals("*")) {
            throw wrong(place, "a mirror for all registries is not supported: name each of them");
          }
          Map<?, ?> mirror = map(value, place);
          onlyKnown(mirror, place, "endpoint", "rewrite");
          String prefix = prefix(map(mirror.get("rewrite"), place + ".rewrite"), place);
          mirrors.add(new Mirror(registry, endpoints(mirror.get("endpoint"), prefix, place)));
        });
    return mirrors;
  }

  private String prefix(Map<?, ?> rewrites, String place) {
    if (rewrites.isEmpty()) {
      return "";
    }
    Map.Entry<?, ?> only = rewrites.entrySet().iterator().next();
    Matcher replacement = PREFIX.matcher(String.valueOf(only.getValue()));
    if (rewrites.size() > 1
        || !ALL.matcher(String.valueOf(only.getKey())).matches()
        || !replacement.matches()) {
      throw wrong(place + ".rewrite", "only \"^(.*)$\": \"PREFIX/$1\" is supported");
    }
    return "/" + replacement.group(1);
  }

  private List<Endpoint> endpoints(@Nullable Object value, String prefix, String place) {
    if (!(value instanceof List<?> list)) {
      throw wrong(place + ".endpoint", "must be a list of URLs");
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (Object each : list) {
      String url = String.valueOf(each);
      boolean plain = url.startsWith("http://");
      String location = url.replaceFirst("^https?://", "").replaceFirst("(/v2)?/*$", "");
      if (location.isEmpty() || location.contains(" ") || location.contains("\"")) {
        throw wrong(place + ".endpoint", "\"" + url + "\" is no URL of a registry");
      }
      endpoints.add(new Endpoint(location + prefix, plain));
    }
    return endpoints;
  }

  private List<Host> hosts(Map<?, ?> members) {
    List<Host> hosts = new ArrayList<>();
    members.forEach(
        (key, value) -> {
          String place = "configs." + key;
          String host = String.valueOf(key).replaceFirst("^https?://", "");
          if (!HOST.matcher(host).matches()) {
            throw wrong(place, "is no host");
          }
          Map<?, ?> config = map(value, place);
          onlyKnown(config, place, "auth", "tls");
          Map<?, ?> auth = map(config.get("auth"), place + ".auth");
          onlyKnown(auth, place + ".auth", "username", "password", "auth", "identity_token");
          Map<?, ?> tls = map(config.get("tls"), place + ".tls");
          onlyKnown(
              tls, place + ".tls", "ca_file", "cert_file", "key_file", "insecure_skip_verify");
          hosts.add(
              new Host(
                  host,
                  credentials(auth, place + ".auth"),
                  text(auth, "identity_token"),
                  Boolean.TRUE.equals(tls.get("insecure_skip_verify")),
                  text(tls, "ca_file"),
                  text(tls, "cert_file"),
                  text(tls, "key_file")));
        });
    return hosts;
  }

  private Credentials credentials(Map<?, ?> auth, String place) {
    String both = text(auth, "auth");
    if (both.isEmpty()) {
      return new Credentials(text(auth, "username"), text(auth, "password"));
    }
    try {
      String decoded = new String(Base64.getDecoder().decode(both), StandardCharsets.UTF_8);
      int colon = decoded.indexOf(':');
      if (colon > 0) {
        return new Credentials(decoded.substring(0, colon), decoded.substring(colon + 1));
      }
    } catch (IllegalArgumentException _) {
      // Told below, without the secret itself.
    }
    throw wrong(place + ".auth", "must be the base64 form of USER:PASSWORD");
  }
}
