package dev.wherry.master.registry.quota;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Which pods and claims the scopes of a quota are about. Pure. */
final class QuotaScopes {
  private static final String CLASSES = "VolumeAttributesClass";

  private QuotaScopes() {}

  /** Whether the quota counts the object: with scopes it counts pods, or claims, alone. */
  static boolean match(Obj spec, GroupResource resource, Obj object) {
    List<String> scopes = spec.strings("scopes");
    List<Obj> terms = spec.obj("scopeSelector").objs("matchExpressions");
    if (scopes.isEmpty() && terms.isEmpty()) {
      return true;
    }
    if (resource.equals(GroupResource.PERSISTENT_VOLUME_CLAIMS)) {
      return scopes.stream().allMatch(scope -> isOfClass(Obj.of("scopeName", scope), object))
          && terms.stream().allMatch(term -> isOfClass(term, object));
    }
    if (!resource.equals(GroupResource.PODS)) {
      return false;
    }
    Obj pod = object.obj("spec");
    return scopes.stream().allMatch(scope -> isIn(scope, object))
        && terms.stream().allMatch(term -> matches(term, object, pod));
  }

  /** Whether one of the classes that a claim has, had or is to have is meant. */
  private static boolean isOfClass(Obj term, Obj claim) {
    if (!term.string("scopeName").equals(CLASSES)) {
      return false;
    }
    Obj status = claim.obj("status");
    Set<String> classes =
        new HashSet<>(
            Arrays.asList(
                claim.obj("spec").string("volumeAttributesClassName"),
                status.string("currentVolumeAttributesClassName"),
                status.obj("modifyVolumeStatus").string("targetVolumeAttributesClassName")));
    classes.remove("");
    List<String> values = term.strings("values");
    return switch (term.string("operator", "Exists")) {
      case "In" -> classes.stream().anyMatch(values::contains);
      case "NotIn" ->
          classes.isEmpty() || classes.stream().anyMatch(each -> !values.contains(each));
      case "Exists" -> !classes.isEmpty();
      case "DoesNotExist" -> classes.isEmpty();
      default -> false;
    };
  }

  private static boolean matches(Obj term, Obj object, Obj pod) {
    String scope = term.string("scopeName");
    if (!scope.equals("PriorityClass")) {
      return isIn(scope, object) == !term.string("operator").equals("DoesNotExist");
    }
    String type = pod.string("priorityClassName");
    return switch (term.string("operator")) {
      case "In" -> term.strings("values").contains(type);
      case "NotIn" -> !term.strings("values").contains(type);
      case "Exists" -> !type.isEmpty();
      case "DoesNotExist" -> type.isEmpty();
      default -> false;
    };
  }

  private static boolean isIn(String scope, Obj object) {
    Obj pod = object.obj("spec");
    return switch (scope) {
      case "Terminating" -> pod.number("activeDeadlineSeconds", -1) >= 0;
      case "NotTerminating" -> pod.number("activeDeadlineSeconds", -1) < 0;
      case "BestEffort" -> isBestEffort(pod);
      case "NotBestEffort" -> !isBestEffort(pod);
      case "PriorityClass" -> !pod.string("priorityClassName").isEmpty();
      case "CrossNamespacePodAffinity" -> crossesNamespaces(pod.obj("affinity"));
      default -> false;
    };
  }

  private static boolean isBestEffort(Obj pod) {
    PodAmounts amounts = PodAmounts.of(pod);
    for (String name : List.of("cpu", "memory")) {
      if (amounts.requests().get(name).value().signum() > 0
          || amounts.limits().get(name).value().signum() > 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean crossesNamespaces(Obj affinity) {
    for (String kind : List.of("podAffinity", "podAntiAffinity")) {
      Obj rules = affinity.obj(kind);
      for (Obj term : rules.objs("requiredDuringSchedulingIgnoredDuringExecution")) {
        if (crosses(term)) {
          return true;
        }
      }
      for (Obj liking : rules.objs("preferredDuringSchedulingIgnoredDuringExecution")) {
        if (crosses(liking.obj("podAffinityTerm"))) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean crosses(Obj term) {
    return !term.list("namespaces").isEmpty() || term.has("namespaceSelector");
  }
}
