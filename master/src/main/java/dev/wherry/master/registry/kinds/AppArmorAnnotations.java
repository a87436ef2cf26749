package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import java.util.List;
import java.util.Optional;

/**
 * AppArmor profiles that pods name in annotations, as they did before there was a field
 * (Kubernetes: Restrict a Container's Access to Resources with AppArmor). Pure.
 */
final class AppArmorAnnotations {
  private static final String FIELD = "appArmorProfile";
  private static final String LOCALHOST = "localhost/";

  private AppArmorAnnotations() {}

  /** The spec of a new pod with the fields that its annotations stand for. */
  static Obj inFields(Obj spec, Obj annotations) {
    if (spec.obj("os").string("name").equals("windows")) {
      return spec;
    }
    Obj ofPod = spec.obj("securityContext").obj(FIELD);
    Obj filled = spec;
    for (String list : List.of("initContainers", "containers")) {
      filled =
          Defaults.changedItems(
              filled,
              list,
              container ->
                  named(container, annotations)
                      .flatMap(AppArmorAnnotations::profile)
                      .filter(profile -> !profile.equals(ofPod))
                      .map(profile -> container.withAt(profile, "securityContext", FIELD))
                      .orElse(container));
    }
    return filled;
  }

  /** The annotation of a container that has no field. */
  private static Optional<String> named(Obj container, Obj annotations) {
    return container.obj("securityContext").has(FIELD)
        ? Optional.empty()
        : annotations
            .get(PodAnnotationChecks.APP_ARMOR + container.string("name"))
            .map(String::valueOf);
  }

  /** Empty where the annotation names none that can be. */
  private static Optional<Obj> profile(String annotation) {
    if (annotation.startsWith(LOCALHOST)) {
      String name = annotation.substring(LOCALHOST.length());
      return name.isEmpty() || !name.equals(name.strip())
          ? Optional.empty()
          : Optional.of(Obj.of("type", "Localhost", "localhostProfile", name));
    }
    return switch (annotation) {
      case "runtime/default" -> Optional.of(Obj.of("type", "RuntimeDefault"));
      case "unconfined" -> Optional.of(Obj.of("type", "Unconfined"));
      default -> Optional.empty();
    };
  }
}
