package dev.wherry.master.admission;

import java.time.InstantSource;
import java.util.List;

/**
 * The steps that fill in what the objects of a namespace or of the cluster say, and hold objects to
 * it, in Kubernetes' order. A step that counts (quota) comes last: nothing refuses after it.
 */
public final class BuiltInSteps {
  private BuiltInSteps() {}

  public static List<Step.Mutating> mutating(Objects objects, InstantSource clock) {
    return List.of(
        new LimitRanger(objects),
        new RuntimeClasses(objects),
        new DefaultClasses(objects),
        new StorageObjectInUse(),
        new CertificateRequester(clock));
  }

  public static List<Step.Validating> validating(
      Objects objects, AdmissionOptions options, InstantSource clock) {
    return List.of(
        new CertificateSubjects(),
        new DefaultPriority(objects),
        new LimitRanger(objects),
        new PodSecurity(objects, options.podSecurity()),
        new ResourceQuota(objects, options.quota(), clock));
  }
}
