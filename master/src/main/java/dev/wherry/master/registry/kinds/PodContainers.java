package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/** The containers of a pod's spec, of every sort. Pure. */
final class PodContainers {
  /** In the order in which Kubernetes goes through them. */
  private static final List<String> LISTS =
      List.of("initContainers", "containers", "ephemeralContainers");

  private PodContainers() {}

  /** A container and where it stands, such as {@code spec.containers[0]}. */
  record Placed(Obj tree, String path) {
    String name() {
      return tree.string("name");
    }

    /** Whether it runs as long as its pod does: a container proper or one that starts before. */
    boolean runsAside() {
      return path.contains(".containers[")
          || (path.contains(".initContainers[") && tree.string("restartPolicy").equals("Always"));
    }
  }

  /**
   * All of them.
   *
   * @param path that of the spec
   */
  static List<Placed> of(Obj spec, String path) {
    List<Placed> all = new ArrayList<>();
    for (String list : LISTS) {
      Checks.each(
          spec.objs(list),
          path + "." + list,
          (container, at) -> all.add(new Placed(container, at)));
    }
    return all;
  }
}
