package dev.wherry.master.admission;

import java.util.List;

/**
 * The steps that fill in what the objects of a namespace or of the cluster say, and hold objects to
 * it, in Kubernetes' order. A step that counts (quota) comes last: nothing refuses after it.
 */
public final class BuiltInSteps {
  private BuiltInSteps() {}

  public static List<Step.Mutating> mutating(Objects objects) {
    return List.of(
        new LimitRanger(objects),
        new RuntimeClasses(objects),
        new DefaultClasses(objects),
        new StorageObjectInUse());
  }

  public static List<Step.Validating> validating(Objects objects) {
    return List.of(
        new DefaultPriority(objects),
        new LimitRanger(objects),
        new PodSecurity(objects),
        new ResourceQuota(objects));
  }
}
