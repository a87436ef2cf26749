package dev.wherry.agent.sync;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.image.ImageName;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** Finds a registry's credentials in a pod's image pull secrets. Pure but for what is desired. */
record Credentials(DesiredState desired) {

  ContainerRuntime.Credentials of(PodView pod, String image) {
    String registry = ImageName.parse(image).map(ImageName::registry).orElse("");
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    for (String name : pod.imagePullSecrets()) {
      Optional<ContainerRuntime.Credentials> found =
          config.secret(name).flatMap(secret -> find(secret, registry));
      if (found.isPresent()) {
        return found.get();
      }
    }
    return ContainerRuntime.Credentials.NONE;
  }

  private static Optional<ContainerRuntime.Credentials> find(Obj secret, String registry) {
    Obj data = secret.obj("data");
    boolean modern = data.has(".dockerconfigjson");
    String encoded = data.string(modern ? ".dockerconfigjson" : ".dockercfg");
    if (encoded.isEmpty()) {
      return Optional.empty();
    }
    try {
      Obj json = Json.read(Base64.getDecoder().decode(encoded));
      for (Obj.Entry entry : modern ? json.obj("auths") : json) {
        if (host(entry.key()).equals(registry) && entry.value() instanceof Obj auth) {
          return Optional.of(credentials(auth));
        }
      }
      return Optional.empty();
    } catch (IllegalArgumentException | MalformedTreeException _) {
      // A secret that nobody can read opens no registry; the pull's refusal says so.
      return Optional.empty();
    }
  }

  private static String host(String key) {
    String bare = key.replaceFirst("^https?://", "");
    String host = bare.contains("/") ? bare.substring(0, bare.indexOf('/')) : bare;
    return host.equals("index.docker.io") ? "docker.io" : host;
  }

  private static ContainerRuntime.Credentials credentials(Obj auth) {
    String both =
        new String(Base64.getDecoder().decode(auth.string("auth")), StandardCharsets.UTF_8);
    int colon = both.indexOf(':');
    return colon > 0
        ? new ContainerRuntime.Credentials(both.substring(0, colon), both.substring(colon + 1))
        : new ContainerRuntime.Credentials(auth.string("username"), auth.string("password"));
  }
}
