package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import java.util.function.BinaryOperator;
import java.util.function.UnaryOperator;

/**
 * A resource that is served in another version or group than it is stored in. The functions are
 * pure; metadata stays as it is.
 *
 * @param served the resource as clients of this version see it; its strategy says what of an object
 *     as it is stored its clients are asked for besides
 * @param stored the resource that holds the objects
 * @param fromStored the stored object as served
 * @param toStored the stored object that a served one means; takes the served one, then the one
 *     stored now (empty when there is none), whose fields that this version cannot say are kept
 * @param field the stored name of a field that a selector asks for
 */
public record Conversion(
    ResourceDefinition served,
    GroupResource stored,
    UnaryOperator<Obj> fromStored,
    BinaryOperator<Obj> toStored,
    UnaryOperator<String> field) {

  /** Whether a path of this resource and version is answered by it. */
  boolean serves(GroupResource resource, String version) {
    return served.resource().equals(resource) && served.versions().contains(version);
  }
}
