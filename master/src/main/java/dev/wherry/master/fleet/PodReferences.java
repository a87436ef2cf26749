package dev.wherry.master.fleet;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The config maps, secrets and claims that a pod names, optional ones included: environment,
 * volumes, projections, credentials of images and of volume drivers. Pure.
 */
final class PodReferences {
  private static final List<String> CONTAINER_LISTS =
      List.of("initContainers", "containers", "ephemeralContainers");

  private final String namespace;
  private String pod = "";
  private final Set<Need> found = new LinkedHashSet<>();

  private PodReferences(String namespace) {
    this.namespace = namespace;
  }

  static Set<Need> of(Obj pod) {
    PodReferences references = new PodReferences(Meta.of(pod).namespace());
    references.pod = Meta.of(pod).name();
    Obj spec = pod.obj("spec");
    for (String list : CONTAINER_LISTS) {
      spec.objs(list).forEach(references::container);
    }
    spec.objs("volumes").forEach(references::volume);
    for (Obj secret : spec.objs("imagePullSecrets")) {
      references.add(Need.Kind.SECRETS, secret.string("name"));
    }
    return references.found;
  }

  private void container(Obj container) {
    for (Obj variable : container.objs("env")) {
      Obj from = variable.obj("valueFrom");
      add(Need.Kind.CONFIG_MAPS, from.obj("configMapKeyRef").string("name"));
      add(Need.Kind.SECRETS, from.obj("secretKeyRef").string("name"));
    }
    for (Obj from : container.objs("envFrom")) {
      add(Need.Kind.CONFIG_MAPS, from.obj("configMapRef").string("name"));
      add(Need.Kind.SECRETS, from.obj("secretRef").string("name"));
    }
  }

  private void volume(Obj volume) {
    add(Need.Kind.CONFIG_MAPS, volume.obj("configMap").string("name"));
    add(Need.Kind.SECRETS, volume.obj("secret").string("secretName"));
    add(
        Need.Kind.PERSISTENT_VOLUME_CLAIMS,
        volume.obj("persistentVolumeClaim").string("claimName"));
    if (volume.has("ephemeral")) {
      // The claim that is made for the pod has a name made of both (Kubernetes: ephemeral volumes).
      add(Need.Kind.PERSISTENT_VOLUME_CLAIMS, pod + "-" + volume.string("name"));
    }
    for (Obj source : volume.obj("projected").objs("sources")) {
      add(Need.Kind.CONFIG_MAPS, source.obj("configMap").string("name"));
      add(Need.Kind.SECRETS, source.obj("secret").string("name"));
    }
    for (Obj.Entry member : volume) {
      if (member.value() instanceof Obj source) {
        // Drivers: csi has a reference of its own name, the in-tree ones share theirs.
        add(Need.Kind.SECRETS, source.obj("nodePublishSecretRef").string("name"));
        add(Need.Kind.SECRETS, source.obj("secretRef").string("name"));
      }
    }
  }

  private void add(Need.Kind kind, String name) {
    if (!name.isEmpty()) {
      found.add(new Need(kind, new ObjectKey(namespace, name)));
    }
  }
}
