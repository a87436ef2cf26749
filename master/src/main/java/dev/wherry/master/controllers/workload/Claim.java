package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * Which objects an owner takes as its own: it adopts orphans that its selector matches and releases
 * those of its own that the selector matches no longer. Pure.
 *
 * @param held the owner's already, and staying
 * @param adopted orphans, with the owner's reference added
 * @param released without the owner's reference
 */
public record Claim(List<Obj> held, List<Obj> adopted, List<Obj> released) {
  public Claim {
    held = List.copyOf(held);
    adopted = List.copyOf(adopted);
    released = List.copyOf(released);
  }

  /** An owner that is being deleted neither adopts nor releases; nor is what is being deleted. */
  public static Claim of(Obj owner, LabelSelector selector, List<Obj> owned, List<Obj> orphans) {
    Meta meta = Meta.of(owner);
    List<Obj> held = new ArrayList<>();
    List<Obj> adopted = new ArrayList<>();
    List<Obj> released = new ArrayList<>();
    for (Obj each : owned) {
      Meta own = Meta.of(each);
      if (selector.matches(own.labels())) {
        held.add(each);
      } else if (!meta.isTerminating() && !own.isTerminating()) {
        released.add(without(each, meta.uid()));
      }
    }
    for (Obj each : orphans) {
      Meta orphan = Meta.of(each);
      if (!meta.isTerminating()
          && !orphan.isTerminating()
          && !selector.isEverything()
          && selector.matches(orphan.labels())) {
        adopted.add(adopted(each, owner));
      }
    }
    return new Claim(held, adopted, released);
  }

  /** The object with the owner as its controller. */
  static Obj adopted(Obj object, Obj owner) {
    List<Obj> references = new ArrayList<>(object.obj("metadata").objs("ownerReferences"));
    references.add(OwnerReference.controlledBy(owner).toObj());
    return object.change("metadata", metadata -> metadata.with("ownerReferences", references));
  }

  private static Obj without(Obj object, String ownerUid) {
    List<Obj> references = new ArrayList<>(object.obj("metadata").objs("ownerReferences"));
    references.removeIf(each -> each.string("uid").equals(ownerUid));
    return object.change(
        "metadata",
        metadata ->
            references.isEmpty()
                ? metadata.without("ownerReferences")
                : metadata.with("ownerReferences", references));
  }
}
