package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.admission.Admission;
import dev.wherry.master.admission.AdmissionOptions;
import dev.wherry.master.admission.BuiltInSteps;
import dev.wherry.master.admission.NamespaceLifecycle;
import dev.wherry.master.admission.NodeRestriction;
import dev.wherry.master.admission.PodAccounts;
import dev.wherry.master.admission.PodDefaults;
import dev.wherry.master.admission.PodPriority;
import dev.wherry.master.admission.Step;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.Registry;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;

/**
 * The steps of admission in Kubernetes' order. Webhooks come after the mutating steps, policies and
 * validating webhooks before what counts (quota), once they are there.
 */
final class AdmissionChain {
  private AdmissionChain() {}

  /**
   * @param guards further validating steps, which ask for the user's own rights
   */
  static Admission of(
      Registry registry,
      AdmissionOptions options,
      InstantSource clock,
      List<Step.Validating> guards) {
    NamespaceLifecycle namespaces =
        new NamespaceLifecycle(
            name -> registry.find(GroupResource.NAMESPACES, new ObjectKey("", name)));
    PodAccounts accounts =
        new PodAccounts(key -> registry.find(GroupResource.SERVICE_ACCOUNTS, key));
    PodPriority priority =
        new PodPriority(
            () -> registry.list(GroupResource.PRIORITY_CLASSES, "", ListOptions.ALL).items());
    RegistryObjects objects = new RegistryObjects(registry);
    List<Step.Mutating> mutating =
        new ArrayList<>(List.of(namespaces, priority, new PodDefaults(), accounts));
    mutating.addAll(BuiltInSteps.mutating(objects, clock));
    List<Step.Validating> validating =
        new ArrayList<>(List.of(namespaces, new NodeRestriction(objects)));
    validating.addAll(guards);
    validating.addAll(BuiltInSteps.validating(objects, options, clock));
    return new Admission(mutating, validating);
  }
}
