package dev.wherry.agent.runtime.podman;

import dev.wherry.agent.pod.ContainerObservation.User;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What Podman has the OCI runtime start for a container (OCI runtime specification, config.json).
 */
final class OciConfig {
  private static final Logger LOG = LoggerFactory.getLogger(OciConfig.class);

  private OciConfig() {}

  /**
   * Whose the container's first process is: by then names have been looked up in the image.
   *
   * @param inspected Podman's word on the container, which tells where the file is
   */
  static Optional<User> user(Obj inspected) {
    try {
      Obj user =
          Json.read(Files.readAllBytes(Path.of(inspected.string("OCIConfigPath"))))
              .at("process", "user");
      return user.isEmpty()
          ? Optional.empty()
          : Optional.of(new User(user.number("uid", 0), user.number("gid", 0), groups(user)));
    } catch (IOException | MalformedTreeException e) {
      LOG.debug("container {}: {}", inspected.string("Id"), e.toString()); // it goes at this moment
      return Optional.empty();
    }
  }

  private static List<Long> groups(Obj user) {
    return user.list("additionalGids").stream()
        .filter(Long.class::isInstance)
        .map(Long.class::cast)
        .toList();
  }
}
