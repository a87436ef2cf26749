package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.NodeRules;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.Registry;
import java.util.List;

/**
 * What the pods of a node use, read from the registry when it is asked: nodes come over their
 * sessions, which have their own index, and seldom here. Thread-safe.
 */
record NodePods(Registry registry) implements NodeRules.Pods {

  @Override
  public boolean isOn(String node, ObjectKey pod) {
    return registry
        .find(GroupResource.PODS, pod)
        .filter(found -> found.obj("spec").string("nodeName").equals(node))
        .isPresent();
  }

  @Override
  public boolean use(String node, GroupResource resource, ObjectKey key) {
    if (resource.resource().equals("persistentvolumes")) {
      ObjectKey claim =
          registry
              .find(resource, key)
              .map(volume -> volume.obj("spec").obj("claimRef"))
              .map(ref -> new ObjectKey(ref.string("namespace"), ref.string("name")))
              .orElse(new ObjectKey("", ""));
      return !claim.name().isEmpty()
          && use(node, GroupResource.core("persistentvolumeclaims"), claim);
    }
    ListOptions onNode = ListOptions.ALL.withFields("spec.nodeName=" + node);
    for (Obj pod : registry.list(GroupResource.PODS, key.namespace(), onNode).items()) {
      if (uses(pod, resource, key.name())) {
        return true;
      }
    }
    return false;
  }

  private static boolean uses(Obj pod, GroupResource resource, String name) {
    Obj spec = pod.obj("spec");
    return switch (resource.resource()) {
      case "serviceaccounts" -> spec.string("serviceAccountName").equals(name);
      case "secrets" ->
          spec.objs("imagePullSecrets").stream().anyMatch(each -> each.string("name").equals(name))
              || names(spec.objs("volumes"), List.of("secret", "secretRef", "secretName"), name)
              || names(containers(spec), List.of("secretKeyRef", "secretRef"), name);
      case "configmaps" ->
          names(spec.objs("volumes"), List.of("configMap"), name)
              || names(containers(spec), List.of("configMapKeyRef", "configMapRef"), name);
      case "persistentvolumeclaims" -> claims(pod, name);
      default -> false;
    };
  }

  private static boolean claims(Obj pod, String name) {
    for (Obj volume : pod.obj("spec").objs("volumes")) {
      String made = pod.obj("metadata").string("name") + "-" + volume.string("name");
      if (volume.obj("persistentVolumeClaim").string("claimName").equals(name)
          || volume.has("ephemeral") && made.equals(name)) {
        return true;
      }
    }
    return false;
  }

  private static List<Obj> containers(Obj spec) {
    return List.of(
        Obj.of(
            "all",
            List.of(
                spec.list("containers"),
                spec.list("initContainers"),
                spec.list("ephemeralContainers"))));
  }

  /** Whether one of these keys, anywhere below, names the object. */
  private static boolean names(Object tree, List<String> keys, String name) {
    return switch (tree) {
      case List<?> list -> list.stream().anyMatch(each -> each != null && names(each, keys, name));
      case Obj object -> {
        for (Obj.Entry each : object) {
          boolean meant =
              keys.contains(each.key())
                  && (each.value().equals(name)
                      || each.value() instanceof Obj ref
                          && (ref.string("name").equals(name)
                              || ref.string("secretName").equals(name)));
          if (meant || names(each.value(), keys, name)) {
            yield true;
          }
        }
        yield false;
      }
      default -> false;
    };
  }
}
