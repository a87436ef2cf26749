package dev.wherry.agent.image;

import dev.wherry.agent.runtime.ContainerRuntime.Credentials;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A registry's credentials in secrets of the types {@code kubernetes.io/dockerconfigjson} and
 * {@code kubernetes.io/dockercfg}. Keys are hosts, with a port and a path or without; {@code *}
 * stands for any part of one label of the host, and the longer key goes first (Kubernetes: images,
 * interpretation of config.json). Pure.
 */
public final class PullSecrets {
  private PullSecrets() {}

  private record Entry(String key, Credentials credentials) {}

  /** All that may open the image's registry, in the order in which they are to be tried. */
  public static List<Credentials> of(Collection<Obj> secrets, String image) {
    ImageName name = ImageName.parse(image).orElse(new ImageName("", "", ""));
    List<Entry> entries = new ArrayList<>();
    for (Obj secret : secrets) {
      entries.addAll(entries(secret));
    }
    Set<Credentials> found = new LinkedHashSet<>();
    entries.stream()
        .filter(each -> matches(each.key(), name))
        .sorted(Comparator.comparing((Entry each) -> each.key().length()).reversed())
        .forEach(each -> found.add(each.credentials()));
    return List.copyOf(found);
  }

  private static List<Entry> entries(Obj secret) {
    Obj data = secret.obj("data");
    boolean modern = data.has(".dockerconfigjson");
    String encoded = data.string(modern ? ".dockerconfigjson" : ".dockercfg");
    List<Entry> entries = new ArrayList<>();
    try {
      Obj json = encoded.isEmpty() ? Obj.EMPTY : Json.read(Base64.getDecoder().decode(encoded));
      for (Obj.Entry each : modern ? json.obj("auths") : json) {
        if (each.value() instanceof Obj auth) {
          entries.add(new Entry(bare(each.key()), credentials(auth)));
        }
      }
    } catch (IllegalArgumentException | MalformedTreeException _) {
      // A secret that nobody can read opens no registry; the pull's refusal says so.
      return List.of();
    }
    return entries;
  }

  /** Without the scheme and the API's path, which older tools write. */
  private static String bare(String key) {
    String text = key.replaceFirst("^https?://", "").replaceFirst("/+$", "");
    text = text.replaceFirst("/v[12]$", "");
    return text.replaceFirst("^index\\.docker\\.io", "docker.io");
  }

  private static boolean matches(String key, ImageName image) {
    String host = key.split("/", 2)[0];
    String path = key.substring(host.length());
    String own = "/" + image.repository();
    boolean below = path.isEmpty() || own.equals(path) || own.startsWith(path + "/");
    return below && matchesHost(host, image.registry());
  }

  private static boolean matchesHost(String pattern, String host) {
    String[] wanted = pattern.split("\\.", -1);
    String[] labels = host.split("\\.", -1);
    if (wanted.length != labels.length) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      String[] parts = wanted[i].split("\\*", -1);
      StringBuilder regex = new StringBuilder();
      for (int j = 0; j < parts.length; j++) {
        regex.append(j == 0 ? "" : ".*").append(java.util.regex.Pattern.quote(parts[j]));
      }
      if (!labels[i].matches(regex.toString())) {
        return false;
      }
    }
    return true;
  }

  private static Credentials credentials(Obj auth) {
    String both =
        new String(Base64.getDecoder().decode(auth.string("auth")), StandardCharsets.UTF_8);
    int colon = both.indexOf(':');
    return colon > 0
        ? new Credentials(both.substring(0, colon), both.substring(colon + 1))
        : new Credentials(auth.string("username"), auth.string("password"));
  }
}
