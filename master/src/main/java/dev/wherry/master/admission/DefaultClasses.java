package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.Comparator;
import java.util.Optional;

/**
 * Gives new claims and ingresses that name no class the default one: of several the youngest
 * (Kubernetes' admission plugins DefaultStorageClass and DefaultIngressClass). Thread-safe.
 */
public final class DefaultClasses implements Step.Mutating {
  private static final GroupResource INGRESSES =
      new GroupResource("networking.k8s.io", "ingresses");
  private static final GroupResource INGRESS_CLASSES =
      new GroupResource("networking.k8s.io", "ingressclasses");

  private final Objects objects;

  public DefaultClasses(Objects objects) {
    this.objects = objects;
  }

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    if (request.creates(GroupResource.PERSISTENT_VOLUME_CLAIMS)) {
      return withClass(
          change.object(),
          "storageClassName",
          "volume.beta.kubernetes.io/storage-class",
          GroupResource.STORAGE_CLASSES,
          "storageclass.kubernetes.io/is-default-class");
    }
    if (request.creates(INGRESSES)) {
      return withClass(
          change.object(),
          "ingressClassName",
          "kubernetes.io/ingress.class",
          INGRESS_CLASSES,
          "ingressclass.kubernetes.io/is-default-class");
    }
    return change.object();
  }

  private Obj withClass(
      Obj object, String field, String annotation, GroupResource classes, String mark) {
    // The empty string is an answer: no class.
    boolean named = object.obj("spec").get(field).filter(String.class::isInstance).isPresent();
    if (named || Meta.of(object).annotations().containsKey(annotation)) {
      return object;
    }
    return youngest(classes, mark)
        .map(name -> object.change("spec", spec -> spec.with(field, name)))
        .orElse(object);
  }

  private Optional<String> youngest(GroupResource classes, String mark) {
    return objects.list(classes, "").stream()
        .map(each -> each.obj("metadata"))
        .filter(each -> each.obj("annotations").string(mark).equals("true"))
        .min(
            Comparator.<Obj, String>comparing(each -> each.string("creationTimestamp"))
                .reversed()
                .thenComparing(each -> each.string("name")))
        .map(each -> each.string("name"));
  }
}
