package dev.wherry.master.fleet;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import java.util.Optional;

/**
 * Which key each joined node has: an annotation on its Node object, so that a node that was deleted
 * does not come back by an old certificate. Blocks; thread-safe.
 */
final class NodeKeys {
  /** SHA-256 of the node's public key, hex. Never taken from what an agent says. */
  static final String ANNOTATION = "wherry.dev/node-key";

  private final ObjectAccess access;
  private final Registration registration;

  NodeKeys(ObjectAccess access, Registration registration) {
    this.access = access;
    this.registration = registration;
  }

  /** Whether the node exists and joined with this key. */
  boolean isKeyOf(NodeName node, String keyHash) {
    return stored(node).filter(found -> key(found).equals(keyHash)).isPresent();
  }

  private static String key(Obj node) {
    return Meta.of(node).annotations().getOrDefault(ANNOTATION, "");
  }

  private Optional<Obj> stored(NodeName node) {
    try {
      return Optional.of(access.get(GroupResource.NODES, new ObjectKey("", node.text())));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Whether there is a node of this name, whatever its key. */
  boolean isTaken(NodeName node) {
    return stored(node).isPresent();
  }

  /** Gives a node that is not there yet this key; false when the name is taken. */
  boolean claim(NodeName node, String keyHash) {
    if (isTaken(node)) {
      return false;
    }
    try {
      registration.create(
          node, Obj.of("metadata", Obj.of("annotations", Obj.of(ANNOTATION, keyHash))));
      return true;
    } catch (StatusException e) {
      if (e.reason() == Reason.ALREADY_EXISTS) {
        return false; // claimed at the same moment by another
      }
      throw e;
    }
  }
}
