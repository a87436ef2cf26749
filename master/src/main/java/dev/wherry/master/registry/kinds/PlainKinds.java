package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;
import java.util.List;

/** Volumes, claims, classes, budgets and autoscalers, with what all kinds have. */
final class PlainKinds {
  /** A kind with spec and status and nothing particular. */
  private static final Strategy WITH_STATUS =
      new Strategy() {
        @Override
        public Obj beforeCreate(Obj object) {
          return object.without("status");
        }

        @Override
        public Obj beforeUpdate(Obj updated, Obj existing) {
          return Defaults.copied(updated, existing, "status");
        }

        @Override
        public boolean hasGeneration() {
          return true;
        }
      };

  static final List<ResourceDefinition> ALL =
      List.of(
          ResourceDefinition.of("", "v1", "PersistentVolume", "persistentvolumes")
              .shortNames("pv")
              .clusterScoped()
              .withStatus()
              .strategy(WITH_STATUS)
              .build(),
          ResourceDefinition.of("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims")
              .shortNames("pvc")
              .withStatus()
              .strategy(WITH_STATUS)
              .build(),
          ResourceDefinition.of("storage.k8s.io", "v1", "StorageClass", "storageclasses")
              .shortNames("sc")
              .clusterScoped()
              .build(),
          ResourceDefinition.of("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets")
              .shortNames("pdb")
              .withStatus()
              .strategy(WITH_STATUS)
              .build(),
          ResourceDefinition.of(
                  "autoscaling", "v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers")
              .shortNames("hpa")
              .withStatus()
              .strategy(WITH_STATUS)
              .build());

  private PlainKinds() {}
}
