package dev.wherry.master.controllers.certificate;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.master.controllers.certificate.CertificateIssuer.Wish;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * A way by which a node gets its client certificate with nobody looking: who asks may create this
 * subresource of certificate signing requests (Kubernetes: TLS bootstrapping, Approval). Pure.
 */
enum NodeApproval {
  /** The certificate is the asking node's own, such as its next one. */
  SELF(
      "selfnodeclient",
      "Auto approving self kubelet client certificate after SubjectAccessReview."),

  /** The certificate is any node's: that of a node that comes by a bootstrap token. */
  ANY("nodeclient", "Auto approving kubelet client certificate after SubjectAccessReview.");

  static final GroupResource REVIEWS =
      new GroupResource("authorization.k8s.io", "subjectaccessreviews");

  private final String subresource;
  private final String message;

  NodeApproval(String subresource, String message) {
    this.subresource = subresource;
    this.message = message;
  }

  /** The ways that this request may go, in order. */
  static List<NodeApproval> of(Obj spec, Wish wish) {
    List<String> words = spec.strings("usages");
    boolean isOfNode =
        spec.string("signerName").equals(Signer.KUBELET_CLIENT.text())
            && Signer.KUBELET_CLIENT.usages(words).isPresent()
            && Signer.KUBELET_CLIENT.complaint(wish).isEmpty();
    if (!isOfNode) {
      return List.of();
    }
    return spec.string("username").equals(wish.commonName()) ? List.of(SELF, ANY) : List.of(ANY);
  }

  /** The question whether who asks may go this way. */
  Obj review(Obj spec) {
    return Obj.of(
        "apiVersion",
        "authorization.k8s.io/v1",
        "kind",
        "SubjectAccessReview",
        "spec",
        Obj.builder()
            .put("user", spec.string("username"))
            .putUnlessEmpty("uid", spec.string("uid"))
            .putUnlessEmpty("groups", spec.list("groups"))
            .putUnlessEmpty("extra", spec.obj("extra"))
            .put(
                "resourceAttributes",
                Obj.of(
                    "group",
                    "certificates.k8s.io",
                    "resource",
                    "certificatesigningrequests",
                    "verb",
                    "create",
                    "subresource",
                    subresource))
            .build());
  }

  /** The request, approved. */
  Obj approved(Obj request, Instant now) {
    List<Obj> conditions = new ArrayList<>(request.obj("status").objs("conditions"));
    conditions.add(
        Condition.of("Approved", Condition.TRUE, "AutoApproved", message, now)
            .tree()
            .with("lastUpdateTime", Meta.Times.format(now)));
    return request.withAt(conditions, "status", "conditions");
  }
}
