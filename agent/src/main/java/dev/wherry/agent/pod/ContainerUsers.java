package dev.wherry.agent.pod;

import dev.wherry.agent.pod.ContainerObservation.User;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerStatusView;
import java.util.List;
import java.util.Optional;

/** Whose a container is, in its status (v1.ContainerUser). Pure. */
final class ContainerUsers {
  private ContainerUsers() {}

  static Obj render(User user) {
    return Obj.of(
        "linux",
        Obj.builder()
            .put("uid", user.uid())
            .put("gid", user.gid())
            .putUnlessEmpty("supplementalGroups", user.groups())
            .build());
  }

  /** What a status says that an agent before this one told. */
  static Optional<User> read(ContainerStatusView status) {
    Obj linux = status.tree().at("user", "linux");
    return linux.isEmpty()
        ? Optional.empty()
        : Optional.of(new User(linux.number("uid", 0), linux.number("gid", 0), groups(linux)));
  }

  private static List<Long> groups(Obj linux) {
    return linux.list("supplementalGroups").stream()
        .filter(Long.class::isInstance)
        .map(Long.class::cast)
        .toList();
  }
}
