package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Cause;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.PodSecurityOptions.Mode;
import dev.wherry.master.audit.Trail;
import dev.wherry.master.registry.Change;
import dev.wherry.master.registry.Warnings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Holds pods to the Pod Security Standard that the labels of their namespace ask for: {@code
 * enforce} refuses pods, {@code warn} warns of pods and of the templates of workloads, {@code
 * audit} has the audit log tell of them. Of a namespace whose labels become stricter it says which
 * pods there do not keep to them (Kubernetes, Pod Security Admission). Thread-safe.
 */
public final class PodSecurity implements Step.Validating {
  private static final String LABEL = "pod-security.kubernetes.io/";

  /** How many pods are looked at when a namespace's labels become stricter. */
  private static final int MAX_EXISTING = 3000;

  private final Objects objects;
  private final PodSecurityOptions options;

  public PodSecurity(Objects objects, PodSecurityOptions options) {
    this.objects = objects;
    this.options = options;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    if (change.verb() == Change.Verb.DELETE) {
      return;
    }
    if (change.definition().resource().equals(GroupResource.NAMESPACES)) {
      checkNamespace(change);
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
    Optional<String> exemption = exemption(request, template.get());
    if (exemption.isPresent()) {
      Trail.current().annotate(LABEL + "exempt", exemption.get());
      return;
    }
    Obj labels =
        objects
            .find(GroupResource.NAMESPACES, new ObjectKey("", change.key().namespace()))
            .map(PodSecurity::labels)
            .orElse(Obj.EMPTY);
    violation(policy(labels, Mode.AUDIT), template.get())
        .map(text -> "would violate " + text)
        .ifPresent(text -> Trail.current().annotate(LABEL + "audit-violations", text));
    if (pod) {
      enforce(policy(labels, Mode.ENFORCE), template.get(), change);
    }
    violation(policy(labels, Mode.WARN), template.get())
        .ifPresent(text -> Warnings.warn("would violate " + text));
  }

  private static Obj labels(Obj object) {
    return object.at("metadata", "labels");
  }

  private Optional<String> exemption(Request request, Obj pod) {
    if (options.namespaces().contains(request.change().key().namespace())) {
      return Optional.of("namespace");
    }
    if (options.usernames().contains(request.user())) {
      return Optional.of("user");
    }
    String type = pod.obj("spec").string("runtimeClassName");
    return !type.isEmpty() && options.runtimeClasses().contains(type)
        ? Optional.of("runtimeClass")
        : Optional.empty();
  }

  /**
   * What the labels ask for. What nobody can read is taken for the strictest, as Kubernetes does.
   */
  private PodPolicy policy(Obj labels, Mode mode) {
    PodPolicy fallback = options.fallback(mode);
    String level = labels.string(LABEL + mode.text());
    String version = labels.string(LABEL + mode.text() + "-version");
    String known =
        PodPolicy.isVersion(version)
            ? version
            : level.isEmpty() ? fallback.version() : PodPolicy.LATEST;
    return level.isEmpty()
        ? new PodPolicy(fallback.level(), known)
        : new PodPolicy(PodPolicy.Level.of(level).orElse(PodPolicy.Level.RESTRICTED), known);
  }

  private static void enforce(PodPolicy policy, Obj pod, Change change) {
    Trail.current().annotate(LABEL + "enforce-policy", policy.toString());
    Optional<String> violation = violation(policy, pod);
    if (violation.isPresent()) {
      throw StatusException.forbidden(
          GroupResource.PODS, change.key().name(), "violates " + violation.get());
    }
  }

  /** {@code PodSecurity "baseline:latest": ...}; empty where the pod keeps to the standard. */
  private static Optional<String> violation(PodPolicy policy, Obj pod) {
    List<String> violations = PodStandards.violations(policy, pod);
    return violations.isEmpty()
        ? Optional.empty()
        : Optional.of("PodSecurity \"" + policy + "\": " + String.join(", ", violations));
  }

  private void checkNamespace(Change change) {
    Obj now = labels(change.object());
    Obj before = labels(change.existing());
    List<Cause> wrong = wrong(now);
    if (!wrong.isEmpty() && (change.verb() == Change.Verb.CREATE || !wrong.equals(wrong(before)))) {
      throw StatusException.invalid("", "Namespace", change.key().name(), wrong);
    }
    PodPolicy policy = policy(now, Mode.ENFORCE);
    boolean exempt = options.namespaces().contains(change.key().name());
    if (change.verb() == Change.Verb.UPDATE
        && !exempt
        && policy.level() != PodPolicy.Level.PRIVILEGED
        && !policy.equals(policy(before, Mode.ENFORCE))) {
      warnOfExisting(change.key().name(), policy);
    }
  }

  private static List<Cause> wrong(Obj labels) {
    List<Cause> wrong = new ArrayList<>();
    for (Mode mode : Mode.values()) {
      String level = labels.string(LABEL + mode.text());
      if (!level.isEmpty() && PodPolicy.Level.of(level).isEmpty()) {
        wrong.add(
            Cause.invalid(
                "metadata.labels[" + LABEL + mode.text() + "]",
                level,
                "must be one of " + String.join(", ", PodPolicy.Level.texts())));
      }
      String version = labels.string(LABEL + mode.text() + "-version");
      if (!version.isEmpty() && !PodPolicy.isVersion(version)) {
        wrong.add(
            Cause.invalid(
                "metadata.labels[" + LABEL + mode.text() + "-version]",
                version,
                "must be \"latest\" or \"v1.x\""));
      }
    }
    return wrong;
  }

  /** Pods that violate it in the same way are told of together. */
  private void warnOfExisting(String namespace, PodPolicy policy) {
    Map<String, List<String>> byViolation = new LinkedHashMap<>();
    objects.list(GroupResource.PODS, namespace).stream()
        .limit(MAX_EXISTING)
        .forEach(
            each -> {
              List<String> found = PodStandards.violations(policy, pod(each));
              if (!found.isEmpty()) {
                byViolation
                    .computeIfAbsent(reasons(found), _ -> new ArrayList<>())
                    .add(Meta.of(each).name());
              }
            });
    if (byViolation.isEmpty()) {
      return;
    }
    Warnings.warn(
        "existing pods in namespace \"%s\" violate the new PodSecurity enforce level \"%s\""
            .formatted(namespace, policy));
    byViolation.forEach((reasons, pods) -> Warnings.warn(some(pods) + ": " + reasons));
  }

  /** Without the details in parentheses. */
  private static String reasons(List<String> violations) {
    return String.join(
        ", ", violations.stream().map(each -> each.replaceFirst(" \\(.*", "")).toList());
  }

  private static String some(List<String> pods) {
    return switch (pods.size()) {
      case 1 -> pods.getFirst();
      case 2 -> pods.getFirst() + " (and 1 other pod)";
      default -> pods.getFirst() + " (and " + (pods.size() - 1) + " other pods)";
    };
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
