package dev.wherry.agent.sync;

import dev.wherry.agent.desired.ConfigSource;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.image.PullSecrets;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.api.view.PodView;
import java.util.List;

/** Finds a registry's credentials in a pod's image pull secrets. Pure but for what is desired. */
record Credentials(DesiredState desired) {

  /** Those to be tried, one after another; none: anonymously. */
  List<ContainerRuntime.Credentials> of(PodView pod, String image) {
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    return PullSecrets.of(
        pod.imagePullSecrets().stream().flatMap(name -> config.secret(name).stream()).toList(),
        image);
  }

  /** Names of those of the pod's secrets that are not there. */
  List<String> missing(PodView pod) {
    ConfigSource config = ConfigSource.of(desired, pod.key().namespace());
    return pod.imagePullSecrets().stream()
        .filter(name -> !name.isEmpty() && config.secret(name).isEmpty())
        .toList();
  }
}
