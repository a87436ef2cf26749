package dev.wherry.agent.image;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An image's full name as Kubernetes resolves it: {@code hello:1} is {@code
 * docker.io/library/hello:1}. Immutable.
 *
 * @param registry host, with a port or without
 * @param reference {@code :tag} or {@code @digest}
 */
public record ImageName(String registry, String repository, String reference) {
  private static final String DOCKER_HUB = "docker.io";
  private static final int MAX_LENGTH = 255;
  private static final Pattern REPOSITORY =
      Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+|/)[a-z0-9]+)*");
  private static final Pattern REGISTRY =
      Pattern.compile(
          "[a-zA-Z0-9](?:[a-zA-Z0-9.-]*[a-zA-Z0-9])?(?::[0-9]+)?|\\[[0-9a-fA-F:]+](?::[0-9]+)?");
  private static final Pattern TAG = Pattern.compile("\\w[\\w.-]{0,127}");
  private static final Pattern DIGEST = Pattern.compile("[a-z0-9+._-]+:[0-9a-fA-F]{32,}");

  /** Empty when the text is no image name. */
  public static Optional<ImageName> parse(String text) {
    String rest = text;
    String digest = "";
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = rest.substring(at + 1);
      rest = rest.substring(0, at);
      if (!DIGEST.matcher(digest).matches()) {
        return Optional.empty();
      }
    }
    String tag = "";
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
      if (!TAG.matcher(tag).matches()) {
        return Optional.empty();
      }
    }
    String reference = digest.isEmpty() ? ":" + (tag.isEmpty() ? "latest" : tag) : "@" + digest;
    return named(rest, reference);
  }

  private static Optional<ImageName> named(String path, String reference) {
    int slash = path.indexOf('/');
    String first = slash < 0 ? "" : path.substring(0, slash);
    boolean isHost = first.contains(".") || first.contains(":") || first.equals("localhost");
    String registry = isHost ? first : DOCKER_HUB;
    String repository = isHost ? path.substring(slash + 1) : path;
    if (registry.equals("index.docker.io")) {
      registry = DOCKER_HUB;
    }
    if (registry.equals(DOCKER_HUB) && !repository.contains("/")) {
      repository = "library/" + repository;
    }
    boolean valid =
        REPOSITORY.matcher(repository).matches()
            && REGISTRY.matcher(registry).matches()
            && repository.length() <= MAX_LENGTH;
    return valid ? Optional.of(new ImageName(registry, repository, reference)) : Optional.empty();
  }

  @Override
  public String toString() {
    return registry + "/" + repository + reference;
  }
}
