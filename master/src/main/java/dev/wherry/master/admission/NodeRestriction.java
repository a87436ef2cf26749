package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.AccountNames;
import dev.wherry.master.auth.User;
import dev.wherry.master.registry.Change;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps nodes to their own objects (Kubernetes' admission plugin NodeRestriction): their Node but
 * for its taints, its owners and labels that are not a node's to set, their lease, and the pods
 * that are bound to them; pods that they make themselves use nothing of the API. Thread-safe.
 */
public final class NodeRestriction implements Step.Validating {
  private static final String USER = "system:node:";
  private static final String NODES = "system:nodes";
  private static final String MIRROR = "kubernetes.io/config.mirror";
  private static final GroupResource ACCOUNTS = GroupResource.SERVICE_ACCOUNTS;

  /** Of the domains kubernetes.io and k8s.io a node sets these labels, and no others. */
  private static final Set<String> OWN_LABELS =
      Set.of(
          "kubernetes.io/hostname",
          "kubernetes.io/arch",
          "kubernetes.io/os",
          "beta.kubernetes.io/arch",
          "beta.kubernetes.io/instance-type",
          "beta.kubernetes.io/os",
          "failure-domain.beta.kubernetes.io/region",
          "failure-domain.beta.kubernetes.io/zone",
          "node.kubernetes.io/instance-type",
          "topology.kubernetes.io/region",
          "topology.kubernetes.io/zone");

  /** Domains below which a node sets any label. */
  private static final List<String> OWN_DOMAINS =
      List.of("kubelet.kubernetes.io", "node.kubernetes.io");

  private final Objects objects;

  public NodeRestriction(Objects objects) {
    this.objects = objects;
  }

  /**
   * Whether a node may have the token that it asks for: one that ends with a pod of its own.
   *
   * @param request a TokenRequest for an account of the namespace
   */
  public void checkToken(User user, ObjectKey account, Obj request) {
    Optional<String> node = AccountNames.node(user.name(), user.groups());
    if (node.isEmpty()) {
      return;
    }
    Obj ref = request.obj("spec").obj("boundObjectRef");
    if (!ref.string("kind").equals("Pod")) {
      throw refused(ACCOUNTS, account, "node requested token not bound to a pod");
    }
    if (ref.string("uid").isEmpty()) {
      throw refused(ACCOUNTS, account, "node requested token with a pod binding without a uid");
    }
    boolean own =
        objects
            .find(GroupResource.PODS, new ObjectKey(account.namespace(), ref.string("name")))
            .filter(pod -> pod.obj("spec").string("nodeName").equals(node.get()))
            .isPresent();
    if (!own) {
      throw refused(
          ACCOUNTS, account, "node requested token bound to a pod scheduled on a different node");
    }
  }

  private static StatusException refused(GroupResource resource, ObjectKey key, String message) {
    return StatusException.forbidden(resource, key.name(), message);
  }

  @Override
  public void check(Request request) {
    if (!request.groups().contains(NODES) || !request.user().startsWith(USER)) {
      return;
    }
    String node = request.user().substring(USER.length());
    Change change = request.change();
    GroupResource resource = change.definition().resource();
    if (resource.equals(GroupResource.NODES)) {
      checkNode(node, change);
    } else if (resource.equals(GroupResource.PODS)) {
      checkPod(node, change);
    } else if (request.creates(CertificateRequester.REQUESTS)) {
      require(
          NodeCertificates.isOwn(change.object().obj("spec"), request.user()),
          change,
          "can only create a node CSR with CN=" + request.user());
    } else if (resource.equals(GroupResource.LEASES)) {
      require(
          change.key().namespace().equals("kube-node-lease"),
          change,
          "can only access leases in the \"kube-node-lease\" system namespace");
      require(
          change.key().name().equals(node),
          change,
          "can only access node lease with the same name as the requesting node");
    }
  }

  private static void checkNode(String node, Change change) {
    String name = change.key().name();
    require(
        name.equals(node),
        change,
        "node \"" + node + "\" is not allowed to modify node \"" + name + "\"");
    Obj before = change.existing();
    Obj now = change.object();
    switch (change.verb()) {
      case CREATE -> checkLabels(node, change);
      case UPDATE -> {
        require(
            now.obj("spec").list("taints").equals(before.obj("spec").list("taints")),
            change,
            "node \"" + node + "\" is not allowed to modify taints");
        require(
            now.obj("metadata")
                .list("ownerReferences")
                .equals(before.obj("metadata").list("ownerReferences")),
            change,
            "node \"" + node + "\" is not allowed to modify ownerReferences");
        checkLabels(node, change);
      }
      case DELETE -> {}
    }
  }

  private static void checkLabels(String node, Change change) {
    Map<String, String> before = change.existing().obj("metadata").stringMap("labels");
    Map<String, String> now = change.object().obj("metadata").stringMap("labels");
    Set<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(now.keySet());
    keys.removeIf(
        key -> java.util.Objects.equals(before.get(key), now.get(key)) || !isForbidden(key));
    String what =
        change.verb() == Change.Verb.CREATE
            ? "node \"" + node + "\" is not allowed to set the following labels: "
            : "is not allowed to modify labels: ";
    require(keys.isEmpty(), change, what + String.join(", ", keys));
  }

  /** Whether a label of this key is one that nodes set themselves. */
  public static boolean isNodes(String key) {
    return !isForbidden(key);
  }

  private static boolean isForbidden(String key) {
    int slash = key.indexOf('/');
    String domain = slash < 0 ? "" : key.substring(0, slash);
    boolean ofKubernetes = isBelow(domain, "kubernetes.io") || isBelow(domain, "k8s.io");
    return ofKubernetes
        && !OWN_LABELS.contains(key)
        && OWN_DOMAINS.stream().noneMatch(each -> isBelow(domain, each));
  }

  private static boolean isBelow(String domain, String above) {
    return domain.equals(above) || domain.endsWith("." + above);
  }

  private void checkPod(String node, Change change) {
    String quoted = "node \"" + node + "\" ";
    Obj before = change.existing();
    boolean own = before.obj("spec").string("nodeName").equals(node);
    switch (change.verb()) {
      case CREATE -> {
        checkMirrorPod(node, change);
        new MirrorOwner(node, objects).check(change);
      }
      case UPDATE -> {
        require(
            change.subresource().equals("status"),
            change,
            quoted + "can only update the status of pods");
        require(
            own,
            change,
            quoted + "can only update pod status for pods with spec.nodeName set to itself");
        require(
            change.object().at("metadata", "labels").equals(before.at("metadata", "labels")),
            change,
            quoted + "cannot update labels through pod status");
        require(
            change
                .object()
                .at("status")
                .list("resourceClaimStatuses")
                .equals(before.at("status").list("resourceClaimStatuses")),
            change,
            quoted + "cannot update resource claim statues");
      }
      case DELETE ->
          require(own, change, quoted + "can only delete pods with spec.nodeName set to itself");
    }
  }

  private static void checkMirrorPod(String node, Change change) {
    String quoted = "node \"" + node + "\" ";
    Obj pod = change.object();
    Obj spec = pod.obj("spec");
    require(
        pod.obj("metadata").obj("annotations").has(MIRROR),
        change,
        "pod does not have \""
            + MIRROR
            + "\" annotation, "
            + quoted
            + "can only create mirror pods");
    require(
        spec.string("nodeName").equals(node),
        change,
        quoted + "can only create pods with spec.nodeName set to itself");
    for (String kind : List.of("Secret", "ConfigMap", "ServiceAccountToken")) {
      String source = Character.toLowerCase(kind.charAt(0)) + kind.substring(1);
      require(
          !mentions(spec, Set.of(source, source + "Ref", source + "KeyRef")),
          change,
          quoted + "can not create pods that reference " + kind.toLowerCase(Locale.ROOT) + "s");
    }
    require(
        !mentions(spec, Set.of("persistentVolumeClaim")),
        change,
        quoted + "can not create pods that reference persistentvolumeclaims");
  }

  /** Whether one of these keys stands anywhere below. */
  private static boolean mentions(Object tree, Set<String> keys) {
    return switch (tree) {
      case List<?> list -> list.stream().anyMatch(each -> each != null && mentions(each, keys));
      case Obj object -> {
        for (Obj.Entry each : object) {
          if (keys.contains(each.key()) || mentions(each.value(), keys)) {
            yield true;
          }
        }
        yield false;
      }
      default -> false;
    };
  }

  private static void require(boolean good, Change change, String message) {
    if (!good) {
      throw StatusException.forbidden(change.definition().resource(), change.key().name(), message);
    }
  }
}
