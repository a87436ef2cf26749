package dev.wherry.agent.sync;

import dev.wherry.agent.image.ImageAccounts;
import dev.wherry.agent.runtime.ContainerRuntime.Image;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.SecurityContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.OptionalLong;

/**
 * Whose a container's first process is: what its security context says, before its pod's, before
 * the image. Engines look up what groups the image has its user in, but only for a user without a
 * group beside; with one they have to be told (Kubernetes: fine-grained supplemental groups
 * control). Pure.
 *
 * @param words {@code uid}, {@code uid:gid}, or empty for the image's
 * @param groups supplementary group ids
 */
record ContainerUser(String words, List<String> groups) {
  private static final String STRICT = "Strict";

  /**
   * @param accounts the image's, where {@link #asksTheImage} says so
   * @param ofVolumes group ids that the pod's volumes ask for
   */
  static ContainerUser of(
      PodView pod,
      ContainerView container,
      Image image,
      ImageAccounts accounts,
      Collection<Long> ofVolumes) {
    String user = user(pod, container, image);
    String group = group(pod, container, image);
    boolean strict = isStrict(pod);
    if (strict && group.isEmpty()) {
      group = Long.toString(accounts.groupOf(user).orElse(0));
    }
    List<String> groups = new ArrayList<>();
    SecurityContext ofPod = pod.securityContext();
    ofPod.fsGroup().ifPresent(each -> groups.add(Long.toString(each)));
    ofPod.supplementalGroups().forEach(each -> groups.add(each.toString()));
    ofVolumes.forEach(each -> groups.add(each.toString()));
    if (!strict && !group.isEmpty()) {
      accounts.membershipsOf(user).mapToObj(Long::toString).forEach(groups::add);
    }
    boolean asImageSays =
        !strict && runAsUser(pod, container).isEmpty() && runAsGroup(pod, container).isEmpty();
    String words = group.isEmpty() ? user : user + ":" + group;
    return new ContainerUser(asImageSays ? "" : words, groups.stream().distinct().toList());
  }

  /** Whether what the image knows of its users makes a difference. */
  static boolean asksTheImage(PodView pod, ContainerView container, Image image) {
    return isStrict(pod) == group(pod, container, image).isEmpty();
  }

  static boolean isStrict(PodView pod) {
    return pod.securityContext().supplementalGroupsPolicy().equals(STRICT);
  }

  static OptionalLong runAsUser(PodView pod, ContainerView container) {
    OptionalLong own = container.securityContext().runAsUser();
    return own.isPresent() ? own : pod.securityContext().runAsUser();
  }

  private static OptionalLong runAsGroup(PodView pod, ContainerView container) {
    OptionalLong own = container.securityContext().runAsGroup();
    return own.isPresent() ? own : pod.securityContext().runAsGroup();
  }

  /** Its number, or the name or number that the image has. */
  private static String user(PodView pod, ContainerView container, Image image) {
    OptionalLong user = runAsUser(pod, container);
    if (user.isPresent()) {
      return Long.toString(user.getAsLong());
    }
    String name = image.user().split(":", 2)[0];
    return name.isEmpty() ? "0" : name;
  }

  /** Empty where neither the pod nor, of its own user, the image says one. */
  private static String group(PodView pod, ContainerView container, Image image) {
    OptionalLong group = runAsGroup(pod, container);
    if (group.isPresent()) {
      return Long.toString(group.getAsLong());
    }
    String[] ofImage = image.user().split(":", 2);
    return runAsUser(pod, container).isEmpty() && ofImage.length == 2 ? ofImage[1] : "";
  }
}
