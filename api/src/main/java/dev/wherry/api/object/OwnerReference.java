package dev.wherry.api.object;

import dev.wherry.api.tree.Obj;

/** One entry of {@code metadata.ownerReferences}. */
public record OwnerReference(
    String apiVersion,
    String kind,
    String name,
    String uid,
    boolean controller,
    boolean blockOwnerDeletion) {

  public static OwnerReference of(Obj reference) {
    return new OwnerReference(
        reference.string("apiVersion"),
        reference.string("kind"),
        reference.string("name"),
        reference.string("uid"),
        reference.flag("controller"),
        reference.flag("blockOwnerDeletion"));
  }

  /** The reference of a controller to an object that it made. */
  public static OwnerReference controlledBy(Obj owner) {
    Meta meta = Meta.of(owner);
    return new OwnerReference(
        owner.string("apiVersion"), owner.string("kind"), meta.name(), meta.uid(), true, true);
  }

  public Obj toObj() {
    return Obj.of(
        "apiVersion",
        apiVersion,
        "kind",
        kind,
        "name",
        name,
        "uid",
        uid,
        "controller",
        controller,
        "blockOwnerDeletion",
        blockOwnerDeletion);
  }
}
