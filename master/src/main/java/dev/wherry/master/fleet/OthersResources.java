package dev.wherry.master.fleet;

import dev.wherry.api.tree.Obj;
import java.util.List;

/**
 * Resources that others than the node itself have written into its capacity (Kubernetes, Advertise
 * Extended Resources for a Node). All of what is there of them can be given to pods. Who wrote them
 * is told from the managed fields, so that a resource goes that the node no longer reports. Pure.
 */
final class OthersResources {
  /** The node, and the master while it registers the node. */
  private static final List<String> OWN_MANAGERS = List.of("kubelet", "kube-apiserver");

  private static final String CAPACITY = "capacity";

  private OthersResources() {}

  /** The status that the node reports, with those of this stored node. */
  static Obj with(Obj reported, Obj node) {
    List<Obj> own =
        node.obj("metadata").objs("managedFields").stream()
            .filter(entry -> OWN_MANAGERS.contains(entry.string("manager")))
            .map(entry -> entry.obj("fieldsV1").at("f:status", "f:" + CAPACITY))
            .toList();
    Obj status = reported;
    for (Obj.Entry resource : node.obj("status").obj(CAPACITY)) {
      String name = resource.key();
      boolean others =
          name.contains("/") && own.stream().noneMatch(fields -> fields.has("f:" + name));
      if (others && !reported.obj(CAPACITY).has(name)) {
        status =
            status
                .withAt(resource.value(), CAPACITY, name)
                .withAt(resource.value(), "allocatable", name);
      }
    }
    return status;
  }
}
