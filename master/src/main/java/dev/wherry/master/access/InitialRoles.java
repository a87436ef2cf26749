package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.DefaultRoles;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.auth.RoleUpdate;
import java.util.ArrayList;
import java.util.List;

/**
 * The roles and bindings that every cluster has: made at its first start, and at every further one
 * given back what they lack, unless a user keeps them from it.
 */
public final class InitialRoles {
  private InitialRoles() {}

  /** Returns when all of them are there. The namespaces must be. */
  public static void ensure(ObjectAccess objects) {
    DefaultRoles defaults = DefaultRoles.read();
    for (GroupResource resource : RoleIndex.RESOURCES) {
      List<Runnable> writes = new ArrayList<>();
      for (Obj wanted : defaults.objects().getOrDefault(resource, List.of())) {
        writes.add(() -> ensure(objects, resource, wanted));
      }
      StartWrites.await(writes);
    }
  }

  private static void ensure(ObjectAccess objects, GroupResource resource, Obj wanted) {
    ObjectKey key = ObjectKey.of(wanted);
    try {
      RoleUpdate.of(wanted, objects.get(resource, key))
          .ifPresent(updated -> objects.update(resource, updated));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      objects.create(resource, wanted);
    }
  }
}
