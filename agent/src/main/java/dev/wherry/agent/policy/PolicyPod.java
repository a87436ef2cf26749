package dev.wherry.agent.policy;

import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.view.ContainerPort;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/** A pod as policies see it. */
record PolicyPod(ObjectKey key, Map<String, String> labels, String ip, PodView view) {

  static PolicyPod of(PodView view, String ip) {
    return new PolicyPod(view.key(), view.meta().labels(), ip, view);
  }

  /** The number of a named port, of a sidecar where no container has one of this name. */
  OptionalInt port(String name, String protocol) {
    List<ContainerView> containers = new ArrayList<>(view.containers());
    view.initContainers().stream().filter(ContainerView::isSidecar).forEach(containers::add);
    for (ContainerView container : containers) {
      for (ContainerPort port : container.ports()) {
        if (port.name().equals(name) && port.protocol().equalsIgnoreCase(protocol)) {
          return OptionalInt.of(port.containerPort());
        }
      }
    }
    return OptionalInt.empty();
  }
}
