package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.List;

/** The owner of a mirror pod: its node, as its controller, and nobody else. */
record MirrorOwner(String node, Objects objects) {

  void check(Change change) {
    List<Obj> owners = change.object().obj("metadata").objs("ownerReferences");
    String quoted = "node \"" + node + "\" ";
    if (owners.size() > 1) {
      throw refused(
          change, quoted + "can only create pods with a single owner reference set to itself");
    }
    Obj owner = owners.isEmpty() ? Obj.EMPTY : owners.getFirst();
    boolean isNode =
        owner.string("apiVersion").equals("v1")
            && owner.string("kind").equals("Node")
            && owner.string("name").equals(node);
    if (!isNode) {
      throw refused(change, quoted + "can only create pods with an owner reference set to itself");
    }
    if (!owner.flag("controller")) {
      throw refused(
          change, quoted + "can only create pods with a controller owner reference set to itself");
    }
    if (owner.flag("blockOwnerDeletion")) {
      throw refused(change, quoted + "must not set blockOwnerDeletion on an owner reference");
    }
    Obj stored =
        objects
            .find(GroupResource.NODES, new ObjectKey("", node))
            .orElseThrow(() -> StatusException.notFound(GroupResource.NODES, node));
    String uid = Meta.of(stored).uid();
    if (!owner.string("uid").equals(uid)) {
      throw refused(
          change,
          "node %s UID mismatch: expected %s got %s".formatted(node, owner.string("uid"), uid));
    }
  }

  private static StatusException refused(Change change, String message) {
    return StatusException.forbidden(GroupResource.PODS, change.key().name(), message);
  }
}
