package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Request;
import dev.wherry.master.admission.Step;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.registry.Change;

/**
 * Certificate requests are approved by who may {@code approve} for their signer, and signed by who
 * may {@code sign} for it; who may {@code attest} for a signer says what is trusted of it
 * (Kubernetes' admission plugins CertificateApproval, CertificateSigning and
 * ClusterTrustBundleAttest). Thread-safe.
 */
final class CertificateGuard implements Step.Validating {
  private static final String GROUP = "certificates.k8s.io";
  private static final GroupResource REQUESTS =
      new GroupResource(GROUP, "certificatesigningrequests");
  private static final GroupResource BUNDLES = new GroupResource(GROUP, "clustertrustbundles");
  private static final GroupResource SIGNERS = new GroupResource(GROUP, "signers");

  private final Authorizer authorizer;

  CertificateGuard(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    if (change.definition().resource().equals(BUNDLES)) {
      attest(request);
      return;
    }
    if (change.verb() != Change.Verb.UPDATE || !change.definition().resource().equals(REQUESTS)) {
      return;
    }
    switch (change.subresource()) {
      case "approval" -> require(request, "approve");
      case "status" -> {
        Obj now = change.object().obj("status");
        Obj before = change.existing().obj("status");
        boolean signs =
            !now.string("certificate").equals(before.string("certificate"))
                || !now.list("conditions").equals(before.list("conditions"));
        if (signs) {
          require(request, "sign");
        }
      }
      default -> {}
    }
  }

  private void attest(Request request) {
    Change change = request.change();
    String signer = change.object().obj("spec").string("signerName");
    boolean writes = change.verb() == Change.Verb.CREATE || change.verb() == Change.Verb.UPDATE;
    if (writes && !signer.isEmpty() && mayNot(request, "attest", signer)) {
      throw StatusException.forbidden(
          BUNDLES,
          change.key().name(),
          "user not permitted to attest for signerName \"" + signer + "\"");
    }
  }

  private boolean mayNot(Request request, String verb, String signer) {
    String domain = signer.substring(0, Math.max(0, signer.indexOf('/')));
    return !may(request, verb, signer) && !may(request, verb, domain + "/*");
  }

  private void require(Request request, String verb) {
    String signer = request.change().existing().obj("spec").string("signerName");
    if (mayNot(request, verb, signer)) {
      throw StatusException.forbidden(
          REQUESTS,
          request.change().key().name(),
          "user not permitted to " + verb + " requests with signerName \"" + signer + "\"");
    }
  }

  private boolean may(Request request, String verb, String signer) {
    return authorizer
        .decide(
            new Attributes(
                request.user(), request.groups(), verb, SIGNERS, "", new ObjectKey("", signer)))
        .isAllowed();
  }
}
