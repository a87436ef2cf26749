package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives new claims and volumes the finalizer that keeps them while they are used (Kubernetes'
 * admission plugin StorageObjectInUseProtection). Pure.
 */
public final class StorageObjectInUse implements Step.Mutating {

  @Override
  public Obj admit(Request request) {
    Obj object = request.change().object();
    if (request.creates(GroupResource.PERSISTENT_VOLUME_CLAIMS)) {
      return kept(object, "kubernetes.io/pvc-protection");
    }
    return request.creates(GroupResource.PERSISTENT_VOLUMES)
        ? kept(object, "kubernetes.io/pv-protection")
        : object;
  }

  private static Obj kept(Obj object, String finalizer) {
    List<Object> all = new ArrayList<>(object.obj("metadata").list("finalizers"));
    if (all.contains(finalizer)) {
      return object;
    }
    all.add(finalizer);
    return object.withAt(all, "metadata", "finalizers");
  }
}
