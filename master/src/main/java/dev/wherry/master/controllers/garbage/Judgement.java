package dev.wherry.master.controllers.garbage;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.DeleteOptions.Propagation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What becomes of an object that has owners. Pure. */
sealed interface Judgement {
  String ORPHAN = "orphan";
  String FOREGROUND = "foregroundDeletion";

  /** How an owner stands. */
  enum Owner {
    /** It is there. */
    SOLID,
    /** It is there and waits for its dependents to go before it. */
    WAITING,
    /** There is none of this uid. */
    ABSENT,
    /** Its kind is not served: nobody can look. */
    UNKNOWN
  }

  /** It stays as it is. */
  record Keep() implements Judgement {}

  /** It stays, without the references to these owners. */
  record Detach(List<String> ownerUids) implements Judgement {}

  /** It goes. */
  record Delete(Propagation propagation) implements Judgement {}

  /**
   * @param standings of its owners, by uid; what is not there is unknown
   */
  static Judgement on(Obj object, boolean hasDependents, Map<String, Owner> standings) {
    Meta meta = Meta.of(object);
    List<OwnerReference> owners = meta.ownerReferences();
    if (owners.isEmpty() || meta.isTerminating()) {
      return new Keep();
    }
    boolean unknown = false;
    boolean solid = false;
    boolean waiting = false;
    List<String> leaving = new ArrayList<>();
    for (OwnerReference owner : owners) {
      switch (standings.getOrDefault(owner.uid(), Owner.UNKNOWN)) {
        case UNKNOWN -> unknown = true;
        case SOLID -> solid = true;
        case WAITING -> {
          waiting = true;
          leaving.add(owner.uid());
        }
        case ABSENT -> leaving.add(owner.uid());
      }
    }
    if (unknown) {
      return new Keep(); // on a doubt nothing is done
    }
    if (solid) {
      return leaving.isEmpty() ? new Keep() : new Detach(List.copyOf(leaving));
    }
    if (waiting && hasDependents) {
      return new Delete(Propagation.FOREGROUND);
    }
    if (meta.finalizers().contains(ORPHAN)) {
      return new Delete(Propagation.ORPHAN);
    }
    return new Delete(
        meta.finalizers().contains(FOREGROUND) ? Propagation.FOREGROUND : Propagation.BACKGROUND);
  }
}
