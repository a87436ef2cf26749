package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/** Storage classes. */
final class StorageClassKind implements Strategy {
  private static final String DEFAULT = "storageclass.kubernetes.io/is-default-class";
  private static final List<String> RECLAIM = List.of("Delete", "Retain");
  private static final List<String> BINDING = List.of("Immediate", "WaitForFirstConsumer");

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("storage.k8s.io", "v1", "StorageClass", "storageclasses")
          .returnsDeleted()
          .shortNames("sc")
          .clusterScoped()
          .columns(
              Column.NAME.withCell((type, _) -> name(type)),
              Column.text("Provisioner", (type, _) -> type.string("provisioner")),
              Column.text("ReclaimPolicy", (type, _) -> type.string("reclaimPolicy")),
              Column.text("VolumeBindingMode", (type, _) -> type.string("volumeBindingMode")),
              Column.text(
                  "AllowVolumeExpansion",
                  (type, _) -> Boolean.toString(type.flag("allowVolumeExpansion"))),
              Column.AGE)
          .strategy(new StorageClassKind())
          .build();

  private StorageClassKind() {}

  private static String name(Obj type) {
    Obj metadata = type.obj("metadata");
    boolean isDefault = metadata.obj("annotations").string(DEFAULT).equals("true");
    return metadata.string("name") + (isDefault ? " (default)" : "");
  }

  @Override
  public Obj defaults(Obj type) {
    return putText(putText(type, "reclaimPolicy", "Delete"), "volumeBindingMode", "Immediate");
  }

  @Override
  public void check(Obj type, Causes causes) {
    StorageClassChecks.provisioner(type.string("provisioner"), "provisioner", causes);
    StorageClassChecks.parameters(type.obj("parameters"), causes);
    checkOneOf(type, "reclaimPolicy", RECLAIM, causes);
    checkOneOf(type, "volumeBindingMode", BINDING, causes);
    StorageClassChecks.topologies(type.objs("allowedTopologies"), causes);
  }

  private static void checkOneOf(Obj type, String key, List<String> supported, Causes causes) {
    if (!supported.contains(type.string(key))) {
      causes.notSupported(key, type.string(key), supported);
    }
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    for (String key : List.of("parameters", "provisioner", "reclaimPolicy")) {
      if (!updated.get(key).equals(existing.get(key))) {
        causes.forbidden(key, "updates to " + key + " are forbidden.");
      }
    }
    Checks.immutable(updated, existing, "volumeBindingMode", "volumeBindingMode", causes);
  }
}
