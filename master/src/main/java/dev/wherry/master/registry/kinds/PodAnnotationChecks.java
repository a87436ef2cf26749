package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;
import java.util.Optional;

/**
 * What the annotations of pods and of their templates must say that mean something to Kubernetes,
 * and how they go with the fields that came after them. Pure.
 */
final class PodAnnotationChecks {
  private static final String MIRROR = "kubernetes.io/config.mirror";
  static final String SECCOMP_OF_POD = "seccomp.security.alpha.kubernetes.io/pod";
  static final String SECCOMP = "container.seccomp.security.alpha.kubernetes.io/";
  static final String APP_ARMOR = "container.apparmor.security.beta.kubernetes.io/";
  private static final String DELETION_COST = "controller.kubernetes.io/pod-deletion-cost";
  private static final String LOCALHOST = "localhost/";
  private static final String RUNTIME_DEFAULT = "runtime/default";
  private static final List<String> SECCOMP_PROFILES =
      List.of(RUNTIME_DEFAULT, "docker/default", "unconfined");

  private PodAnnotationChecks() {}

  /** Whether this pod shows what its node runs by itself. */
  static boolean isMirror(Obj pod) {
    return pod.obj("metadata").obj("annotations").has(MIRROR);
  }

  /**
   * Checks what stands in the annotations alone.
   *
   * @param path that of the annotations
   */
  static void check(Obj metadata, Obj spec, String path, Causes causes) {
    for (Obj.Entry annotation : metadata.obj("annotations")) {
      String key = annotation.key();
      String value = String.valueOf(annotation.value());
      String at = path + "[" + key + "]";
      if (key.equals(MIRROR) && spec.string("nodeName").isEmpty()) {
        causes.invalid(at, value, "must set spec.nodeName if mirror pod annotation is set");
      } else if (key.equals(DELETION_COST) && !isCost(value)) {
        causes.invalid(at, value, "must be a 32bit integer");
      } else if (key.equals(SECCOMP_OF_POD) || key.startsWith(SECCOMP)) {
        seccomp(value, path + "." + key, causes);
      } else if (key.startsWith(APP_ARMOR)) {
        appArmor(key.substring(APP_ARMOR.length()), value, spec, at, causes);
      }
    }
  }

  private static boolean isCost(String value) {
    if (!value.matches("0|-[0-9]{1,10}|[1-9][0-9]{0,9}")) {
      return false;
    }
    long cost = Long.parseLong(value);
    return cost == (int) cost;
  }

  private static void seccomp(String profile, String path, Causes causes) {
    if (profile.startsWith(LOCALHOST)) {
      Checks.relative(profile.substring(LOCALHOST.length()), path, causes);
    } else if (!SECCOMP_PROFILES.contains(profile)) {
      causes.invalid(path, profile, "must be a valid seccomp profile");
    }
  }

  private static void appArmor(
      String container, String profile, Obj spec, String path, Causes causes) {
    if (PodContainers.of(spec, "").stream().noneMatch(each -> each.name().equals(container))) {
      causes.invalid(path, container, "container not found");
    }
    boolean known =
        profile.isEmpty()
            || profile.equals(RUNTIME_DEFAULT)
            || profile.equals("unconfined")
            || profile.startsWith(LOCALHOST);
    if (!known) {
      causes.invalid(path, profile, "invalid AppArmor profile name: \"" + profile + "\"");
    }
  }

  /** Checks that annotations and fields name the same profiles. */
  static void checkProfiles(Obj metadata, Obj spec, String path, Causes causes) {
    Obj annotations = metadata.obj("annotations");
    Obj ofPod = spec.obj("securityContext");
    profile(annotations, SECCOMP_OF_POD, ofPod, path, Kind.SECCOMP, causes);
    for (PodContainers.Placed container : PodContainers.of(spec, path)) {
      Obj own = container.tree().obj("securityContext");
      Obj withPods = own.has("appArmorProfile") ? own : ofPod;
      profile(annotations, SECCOMP + container.name(), own, container.path(), Kind.SECCOMP, causes);
      if (!spec.obj("os").string("name").equals("windows")) {
        profile(
            annotations,
            APP_ARMOR + container.name(),
            withPods,
            container.path(),
            Kind.APP_ARMOR,
            causes);
      }
    }
  }

  /** What confines a process, by the field's name and by the word of Kubernetes' messages. */
  private enum Kind {
    SECCOMP("seccompProfile", "seccomp"),
    APP_ARMOR("appArmorProfile", "apparmor");

    private final String field;
    private final String word;

    Kind(String field, String word) {
      this.field = field;
      this.word = word;
    }
  }

  private static void profile(
      Obj annotations, String key, Obj context, String path, Kind kind, Causes causes) {
    if (!annotations.has(key) || !context.has(kind.field)) {
      return;
    }
    String annotated = annotations.string(key);
    Obj profile = context.obj(kind.field);
    String at = path + ".securityContext." + kind.field;
    Optional<String> localhost = profile.get("localhostProfile").map(String::valueOf);
    boolean sameType =
        switch (profile.string("type")) {
          case "Unconfined" -> annotated.equals("unconfined");
          case "RuntimeDefault" ->
              annotated.equals(RUNTIME_DEFAULT)
                  || (kind == Kind.SECCOMP && annotated.equals("docker/default"));
          case "Localhost" -> annotated.startsWith(LOCALHOST);
          default -> true;
        };
    if (!sameType) {
      causes.forbidden(at + ".type", kind.word + " type in annotation and field must match");
    } else if (profile.string("type").equals("Localhost")
        && !localhost.equals(Optional.of(annotated.substring(LOCALHOST.length())))) {
      causes.forbidden(
          at + ".localhostProfile", kind.word + " profile in annotation and field must match");
    }
  }

  /** Checks a change of a pod's annotations: two of them stay as they are. */
  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    Obj now = updated.obj("metadata").obj("annotations");
    Obj before = existing.obj("metadata").obj("annotations");
    for (Obj.Entry had : before) {
      if (!now.get(had.key()).equals(before.get(had.key()))) {
        fixed(had.key(), "may not remove or update ", causes);
      }
    }
    for (Obj.Entry has : now) {
      if (!before.has(has.key())) {
        fixed(has.key(), "may not add ", causes);
      }
    }
  }

  private static void fixed(String key, String what, Causes causes) {
    String path = "metadata.annotations[" + key + "]";
    if (key.startsWith(APP_ARMOR)) {
      causes.forbidden(path, what + "AppArmor annotations");
    } else if (key.equals(MIRROR)) {
      causes.forbidden(path, what + "mirror pod annotation");
    }
  }
}
