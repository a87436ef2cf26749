package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;

/** What a delete asks of the object before it is deleted ({@code metav1.Preconditions}). Pure. */
final class Preconditions {
  private Preconditions() {}

  /**
   * Passes an object that is the one that is meant.
   *
   * @throws StatusException CONFLICT for another one, or one that has changed
   */
  static void require(ResourceDefinition definition, DeleteOptions options, Obj existing) {
    Obj held = existing.obj("metadata");
    String uid = held.string("uid");
    if (!options.uid().isEmpty() && !options.uid().equals(uid)) {
      throw conflict(
          definition,
          held,
          "the UID in the precondition ("
              + options.uid()
              + ") does not match the UID in record ("
              + uid
              + "). The object might have been deleted and then recreated");
    }
    String version = held.string("resourceVersion");
    if (!options.resourceVersion().isEmpty() && !options.resourceVersion().equals(version)) {
      throw conflict(
          definition,
          held,
          "the ResourceVersion in the precondition ("
              + options.resourceVersion()
              + ") does not match the ResourceVersion in record ("
              + version
              + "). The object might have been modified");
    }
  }

  /** Kubernetes names the kind here, not the resource. */
  private static StatusException conflict(ResourceDefinition definition, Obj held, String why) {
    GroupResource kind = new GroupResource(definition.resource().group(), definition.kind());
    return StatusException.conflict(kind, held.string("name"), why);
  }
}
