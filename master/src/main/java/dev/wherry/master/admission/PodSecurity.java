package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import dev.wherry.master.registry.Warnings;
import java.util.List;
import java.util.Optional;

/**
 * Holds pods to the Pod Security Standard that the labels of their namespace ask for: {@code
 * enforce} refuses pods, {@code warn} warns of pods and of the templates of workloads. Thread-safe.
 */
public final class PodSecurity implements Step.Validating {
  private static final String LABEL = "pod-security.kubernetes.io/";

  private final Objects objects;

  public PodSecurity(Objects objects) {
    this.objects = objects;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    if (change.verb() == Change.Verb.DELETE) {
      return;
    }
    boolean pod = change.definition().resource().equals(GroupResource.PODS);
    boolean looked =
        change.subresource().isEmpty()
            || pod && List.of("ephemeralcontainers", "resize").contains(change.subresource());
    Optional<Obj> template = looked ? template(change, change.object()) : Optional.empty();
    if (template.isEmpty()
        || change.verb() == Change.Verb.UPDATE
            && template.equals(template(change, change.existing()))) {
      return;
    }
    Obj labels =
        objects
            .find(GroupResource.NAMESPACES, new ObjectKey("", change.key().namespace()))
            .map(found -> found.at("metadata", "labels"))
            .orElse(Obj.EMPTY);
    if (pod) {
      enforce(labels, template.get(), change);
    }
    warn(labels, template.get());
  }

  private static void enforce(Obj labels, Obj pod, Change change) {
    Optional<String> violation = violation(labels, "enforce", pod);
    if (violation.isPresent()) {
      throw StatusException.forbidden(
          GroupResource.PODS, change.key().name(), "violates " + violation.get());
    }
  }

  private static void warn(Obj labels, Obj pod) {
    violation(labels, "warn", pod).ifPresent(text -> Warnings.warn("would violate " + text));
  }

  /** {@code PodSecurity "baseline:latest": ...}; empty where the pod keeps to the standard. */
  private static Optional<String> violation(Obj labels, String mode, Obj pod) {
    String level = labels.string(LABEL + mode);
    List<String> violations =
        switch (level) {
          case "baseline" -> PodStandards.baseline(pod);
          // What nobody can read is taken for the strictest, as Kubernetes does.
          case "", "privileged" -> List.of();
          default -> PodStandards.restricted(pod);
        };
    if (violations.isEmpty()) {
      return Optional.empty();
    }
    String name = level.equals("baseline") ? level : "restricted";
    String version = labels.string(LABEL + mode + "-version", "latest");
    return Optional.of(
        "PodSecurity \"" + name + ":" + version + "\": " + String.join(", ", violations));
  }

  /** Annotations and specification of the pods that the object makes. */
  private static Optional<Obj> template(Change change, Obj object) {
    GroupResource resource = change.definition().resource();
    return switch (resource.group() + "/" + resource.resource()) {
      case "/pods" -> Optional.of(pod(object));
      case "/podtemplates" -> Optional.of(pod(object.obj("template")));
      case "/replicationcontrollers",
          "apps/deployments",
          "apps/replicasets",
          "apps/statefulsets",
          "apps/daemonsets",
          "batch/jobs" ->
          Optional.of(pod(object.at("spec", "template")));
      case "batch/cronjobs" ->
          Optional.of(pod(object.at("spec", "jobTemplate", "spec", "template")));
      default -> Optional.empty();
    };
  }

  private static Obj pod(Obj object) {
    return Obj.of("annotations", object.at("metadata", "annotations"), "spec", object.obj("spec"));
  }
}
