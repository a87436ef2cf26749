package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.runtime.RegistrySettings;
import dev.wherry.agent.runtime.RegistrySettings.Endpoint;
import dev.wherry.agent.runtime.RegistrySettings.Host;
import dev.wherry.agent.runtime.RegistrySettings.Mirror;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Renders how registries are reached as the files that Podman reads (containers-registries.conf(5),
 * containers-certs.d(5), containers-auth.json(5)). Pure.
 */
final class RegistriesConf {
  private RegistriesConf() {}

  /** Short names as Kubernetes resolves them: always Docker Hub's. */
  static String conf(RegistrySettings settings) {
    StringBuilder text =
        new StringBuilder(
            """
            # Written by the agent at each start.
            unqualified-search-registries = ["docker.io"]
            short-name-mode = "disabled"
            """);
    Set<String> insecure = new HashSet<>();
    settings.hosts().stream().filter(Host::skipVerify).map(Host::name).forEach(insecure::add);
    Set<String> written = new HashSet<>();
    for (Mirror mirror : settings.mirrors()) {
      written.add(mirror.registry());
      // A registry that has only itself as its endpoint, without TLS, is no mirror.
      boolean plain =
          mirror.endpoints().stream()
              .anyMatch(each -> each.location().equals(mirror.registry()) && each.plainHttp());
      registry(text, mirror.registry(), plain || insecure.contains(mirror.registry()));
      for (Endpoint each : mirror.endpoints()) {
        if (!each.location().equals(mirror.registry())) {
          text.append("[[registry.mirror]]\n");
          location(text, each.location(), each.plainHttp() || insecure.contains(host(each)));
        }
      }
    }
    for (String each : insecure.stream().sorted().toList()) {
      if (!written.contains(each)) {
        registry(text, each, true);
      }
    }
    return text.toString();
  }

  private static String host(Endpoint endpoint) {
    return endpoint.location().split("/", 2)[0];
  }

  private static void registry(StringBuilder text, String name, boolean insecure) {
    text.append("\n[[registry]]\nprefix = ").append(Json.text(name)).append('\n');
    location(text, name, insecure);
  }

  private static void location(StringBuilder text, String location, boolean insecure) {
    text.append("location = ").append(Json.text(location)).append('\n');
    if (insecure) {
      text.append("insecure = true\n");
    }
  }

  /** Credentials by host. */
  static String auths(RegistrySettings settings) {
    Map<String, Obj> auths = new HashMap<>();
    for (Host each : settings.hosts()) {
      if (!each.identityToken().isEmpty()) {
        auths.put(
            each.name(), Obj.of("auth", base64("<token>:"), "identitytoken", each.identityToken()));
      } else if (each.credentials().isPresent()) {
        String both = each.credentials().username() + ":" + each.credentials().password();
        auths.put(each.name(), Obj.of("auth", base64(both)));
      }
    }
    return Json.text(Obj.of("auths", Obj.of(auths)));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The files of a host's certificates, by their names there. */
  static Map<String, String> certificates(Host host) {
    Map<String, String> files = new HashMap<>();
    if (!host.caFile().isEmpty()) {
      files.put("ca.crt", host.caFile());
    }
    if (!host.certFile().isEmpty() && !host.keyFile().isEmpty()) {
      files.put("client.cert", host.certFile());
      files.put("client.key", host.keyFile());
    }
    return files;
  }
}
