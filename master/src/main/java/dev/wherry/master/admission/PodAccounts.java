package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import dev.wherry.master.registry.GeneratedNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * Gives each new pod what its service account says (Kubernetes' ServiceAccount): the account must
 * be there; its pull secrets are taken over, and a volume with a token, the cluster's CA and the
 * namespace is mounted into every container that does not mount something there itself.
 *
 * <p>The account {@code default} of a namespace just made may come a moment later than the first
 * pod: it counts as there.
 */
public final class PodAccounts implements Step.Mutating {
  private static final String MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
  private static final String VOLUME_PREFIX = "kube-api-access-";
  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final long TOKEN_SECONDS = 3607;
  private static final long MODE = 0644;

  private final Function<ObjectKey, Optional<Obj>> accounts;

  /** The function looks an account up. */
  public PodAccounts(Function<ObjectKey, Optional<Obj>> accounts) {
    this.accounts = accounts;
  }

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    Obj pod = change.object();
    boolean newPod =
        change.verb() == Change.Verb.CREATE
            && change.definition().resource().equals(GroupResource.PODS);
    if (!newPod) {
      return pod;
    }
    if (isMirror(pod)) {
      requireAlone(change);
      return pod;
    }
    String name = pod.obj("spec").string("serviceAccountName");
    ObjectKey key = new ObjectKey(change.key().namespace(), name);
    Obj account = account(change, key);
    MountableSecrets.check(change.key().name(), pod.obj("spec"), account);
    return pod.change("spec", spec -> filled(spec, account));
  }

  /** Whether this pod shows what its node runs by itself. */
  static boolean isMirror(Obj pod) {
    return pod.obj("metadata").obj("annotations").has(MIRROR);
  }

  /** A pod that runs without the control plane uses nothing that comes from there. */
  private static void requireAlone(Change change) {
    Obj spec = change.object().obj("spec");
    if (!spec.string("serviceAccountName").isEmpty()) {
      throw forbidden(change, "a mirror pod may not reference service accounts");
    }
    for (Obj volume : spec.objs("volumes")) {
      if (volume.has("secret")) {
        throw forbidden(change, "a mirror pod may not reference secrets");
      }
      if (volume.obj("projected").objs("sources").stream()
          .anyMatch(source -> source.has("serviceAccountToken"))) {
        throw forbidden(change, "a mirror pod may not use serviceAccountToken volume projections");
      }
    }
  }

  private static StatusException forbidden(Change change, String why) {
    return StatusException.forbidden(GroupResource.PODS, change.key().name(), why);
  }

  private Obj account(Change change, ObjectKey key) {
    Optional<Obj> account = accounts.apply(key);
    if (account.isEmpty() && !key.name().equals("default")) {
      throw StatusException.forbidden(
          GroupResource.PODS,
          change.key().name(),
          "error looking up service account "
              + key.namespace()
              + "/"
              + key.name()
              + ": serviceaccount \""
              + key.name()
              + "\" not found");
    }
    return account.orElse(Obj.EMPTY);
  }

  private static Obj filled(Obj given, Obj account) {
    Obj spec = given;
    if (spec.list("imagePullSecrets").isEmpty() && !account.list("imagePullSecrets").isEmpty()) {
      spec = spec.with("imagePullSecrets", account.list("imagePullSecrets"));
    }
    boolean mounts =
        spec.flag(
            "automountServiceAccountToken", account.flag("automountServiceAccountToken", true));
    return mounts ? withToken(spec) : spec;
  }

  private static Obj withToken(Obj given) {
    String name = volumeName(given);
    Obj mount = Obj.of("name", name, "readOnly", true, "mountPath", MOUNT_PATH);
    Obj spec = given;
    boolean needed = false;
    for (String key : List.of("initContainers", "containers")) {
      List<Obj> containers = new ArrayList<>();
      for (Obj container : given.objs(key)) {
        boolean own =
            container.objs("volumeMounts").stream()
                .anyMatch(each -> each.string("mountPath").equals(MOUNT_PATH));
        needed |= !own;
        List<Object> mounts = new ArrayList<>(container.list("volumeMounts"));
        mounts.add(mount);
        containers.add(own ? container : container.with("volumeMounts", mounts));
      }
      spec = containers.isEmpty() ? spec : spec.with(key, containers);
    }
    boolean there =
        given.objs("volumes").stream().anyMatch(each -> each.string("name").equals(name));
    if (!needed || there) {
      return spec;
    }
    List<Object> volumes = new ArrayList<>(given.list("volumes"));
    volumes.add(volume(name));
    return spec.with("volumes", volumes);
  }

  /** That of a volume which is there already, or a new one. */
  private static String volumeName(Obj spec) {
    for (Obj volume : spec.objs("volumes")) {
      String name = volume.string("name");
      if (name.startsWith(VOLUME_PREFIX) && volume.has("projected")) {
        return name;
      }
    }
    return GeneratedNames.from(VOLUME_PREFIX);
  }

  private static Obj volume(String name) {
    Obj token =
        Obj.of("serviceAccountToken", Obj.of("expirationSeconds", TOKEN_SECONDS, "path", "token"));
    Obj authority =
        Obj.of(
            "configMap",
            Obj.of(
                "name",
                "kube-root-ca.crt",
                "items",
                List.of(Obj.of("key", "ca.crt", "path", "ca.crt"))));
    Obj namespace =
        Obj.of(
            "downwardAPI",
            Obj.of(
                "items",
                List.of(
                    Obj.of(
                        "path",
                        "namespace",
                        "fieldRef",
                        Obj.of("apiVersion", "v1", "fieldPath", "metadata.namespace")))));
    return Obj.of(
        "name",
        name,
        "projected",
        Obj.of("sources", List.of(token, authority, namespace), "defaultMode", MODE));
  }
}
