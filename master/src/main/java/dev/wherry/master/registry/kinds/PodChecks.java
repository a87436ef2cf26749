package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** What a pod must be like beyond what its spec must be in a template, too. Pure. */
final class PodChecks {
  /** How Kubernetes names the whole object where no field is wrong. */
  static final String WHOLE = "[]";

  private PodChecks() {}

  /** Checks a pod, be it new or changed. */
  static void check(Obj pod, Causes causes) {
    Obj spec = pod.obj("spec");
    PodAnnotationChecks.check(pod.obj("metadata"), spec, "metadata.annotations", causes);
    PodSpecChecks.check(spec, "spec", causes);
    if (spec.string("serviceAccountName").isEmpty()) {
      noTokens(spec, causes);
    }
    Checks.notNegative(spec, "terminationGracePeriodSeconds", "spec", causes);
    for (String list : List.of("containers", "initContainers")) {
      Checks.each(
          spec.objs(list),
          "spec." + list,
          (container, at) -> ContainerChecks.imageWithoutSpaces(container, at, causes));
    }
    claimsOfItsOwn(spec.objs("volumes"), Meta.of(pod).name(), causes);
  }

  /** Checks a pod that is made now. */
  static void checkNew(Obj pod, Causes causes) {
    Obj spec = pod.obj("spec");
    if (!spec.list("ephemeralContainers").isEmpty()) {
      causes.forbidden("spec.ephemeralContainers", "cannot be set on create");
    }
    if (!spec.list("schedulingGates").isEmpty() && !spec.string("nodeName").isEmpty()) {
      causes.forbidden(
          "spec.nodeName", "cannot be set until all schedulingGates have been cleared");
    }
    PodAnnotationChecks.checkProfiles(pod.obj("metadata"), spec, "spec", causes);
  }

  private static void noTokens(Obj spec, Causes causes) {
    Checks.each(
        spec.objs("volumes"),
        "spec.volumes",
        (volume, at) ->
            Checks.each(
                volume.obj("projected").objs("sources"),
                at + ".projected.sources",
                (source, where) -> {
                  if (source.has("serviceAccountToken")) {
                    causes.forbidden(
                        where + ".serviceAccountToken",
                        "must not be specified when serviceAccountName is not set");
                  }
                }));
  }

  /** The claims that come with the pod are named after it, and only their volumes use them. */
  private static void claimsOfItsOwn(List<Obj> volumes, String pod, Causes causes) {
    Set<String> made = new HashSet<>();
    Checks.each(
        volumes,
        "spec.volumes",
        (volume, at) -> {
          if (volume.has("ephemeral")) {
            String claim = pod + "-" + volume.string("name");
            made.add(claim);
            NameRule.DNS_SUBDOMAIN
                .complaint(claim)
                .ifPresent(
                    complaint ->
                        causes.invalid(
                            at + ".name",
                            volume.string("name"),
                            "PVC name \"" + claim + "\": " + complaint));
          }
        });
    Checks.each(
        volumes,
        "spec.volumes",
        (volume, at) -> {
          String claim = volume.obj("persistentVolumeClaim").string("claimName");
          if (made.contains(claim)) {
            causes.invalid(
                at + ".persistentVolumeClaim.claimName",
                claim,
                "must not reference a PVC that gets created for an ephemeral volume");
          }
        });
  }
}
