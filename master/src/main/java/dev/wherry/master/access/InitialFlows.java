package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.kinds.DefaultFlows;
import java.util.ArrayList;
import java.util.List;

/**
 * The priority levels and flow schemas that every cluster has: made at a start where they lack, and
 * given their specs back, unless a user keeps them from it (Kubernetes, API Priority and Fairness,
 * maintenance of the defaults).
 */
public final class InitialFlows {
  private static final String GROUP = "flowcontrol.apiserver.k8s.io";
  private static final GroupResource LEVELS =
      new GroupResource(GROUP, "prioritylevelconfigurations");
  private static final GroupResource SCHEMAS = new GroupResource(GROUP, "flowschemas");

  private InitialFlows() {}

  /** Returns when all of them are there. */
  public static void ensure(ObjectAccess objects) {
    List<Runnable> writes = new ArrayList<>();
    for (Obj level : DefaultFlows.PRIORITY_LEVELS) {
      writes.add(() -> ensure(objects, LEVELS, level));
    }
    for (Obj schema : DefaultFlows.FLOW_SCHEMAS) {
      writes.add(() -> ensure(objects, SCHEMAS, schema));
    }
    StartWrites.await(writes);
  }

  private static void ensure(ObjectAccess objects, GroupResource resource, Obj wanted) {
    ObjectKey key = ObjectKey.of(wanted);
    try {
      Obj existing = objects.get(resource, key);
      if (isOurs(existing) && !existing.obj("spec").equals(wanted.obj("spec"))) {
        objects.update(resource, existing.with("spec", wanted.obj("spec")));
      }
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
      objects.create(resource, wanted);
    }
  }

  /** Those whose specs are fixed stand as they are: no other ones were let in. */
  private static boolean isOurs(Obj existing) {
    return !DefaultFlows.isMandatory(existing.obj("metadata").string("name"))
        && existing.at("metadata", "annotations").string(DefaultFlows.AUTO_UPDATE).equals("true");
  }
}
