package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.List;

/**
 * Holds a pod to the secrets that its service account lists, where the account's annotation {@code
 * kubernetes.io/enforce-mountable-secrets} wants it. Pure.
 */
final class MountableSecrets {
  private static final String ENFORCE = "kubernetes.io/enforce-mountable-secrets";

  private final String pod;
  private final String account;
  private final List<String> secrets;

  private MountableSecrets(String pod, Obj account) {
    this.pod = pod;
    this.account = account.obj("metadata").string("name");
    this.secrets = account.objs("secrets").stream().map(each -> each.string("name")).toList();
  }

  /** Throws FORBIDDEN where the pod uses another secret. */
  static void check(String pod, Obj spec, Obj account) {
    if (account.at("metadata", "annotations").string(ENFORCE).equals("true")) {
      new MountableSecrets(pod, account).check(spec, account);
    }
  }

  private void check(Obj spec, Obj account) {
    for (Obj volume : spec.objs("volumes")) {
      require(volume.obj("secret").string("secretName"), "volume with");
    }
    for (Obj container : spec.objs("initContainers")) {
      check(container, "init container");
    }
    for (Obj container : spec.objs("containers")) {
      check(container, "container");
    }
    List<String> pullSecrets =
        account.objs("imagePullSecrets").stream().map(each -> each.string("name")).toList();
    List<Obj> asked = spec.objs("imagePullSecrets");
    for (int i = 0; i < asked.size(); i++) {
      String name = asked.get(i).string("name");
      if (!pullSecrets.contains(name)) {
        throw refused("imagePullSecrets[%d].name=\"%s\"".formatted(i, name), "imagePullSecret");
      }
    }
  }

  private void check(Obj container, String kind) {
    String name = container.string("name");
    for (Obj variable : container.objs("env")) {
      require(
          variable.at("valueFrom", "secretKeyRef").string("name"),
          "%s %s with envVar %s referencing".formatted(kind, name, variable.string("name")));
    }
    for (Obj source : container.objs("envFrom")) {
      require(
          source.obj("secretRef").string("name"),
          "%s %s with envFrom referencing".formatted(kind, name));
    }
  }

  private void require(String secret, String user) {
    if (!secret.isEmpty() && !secrets.contains(secret)) {
      throw refused("%s secret.secretName=\"%s\"".formatted(user, secret), "secret");
    }
  }

  private StatusException refused(String what, String kind) {
    return StatusException.forbidden(
        GroupResource.PODS,
        pod,
        "%s is not allowed because service account %s does not reference that %s"
            .formatted(what, account, kind));
  }
}
