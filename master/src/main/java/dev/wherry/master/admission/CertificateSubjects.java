package dev.wherry.master.admission;

import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.AccountNames;
import dev.wherry.master.pki.CertificateRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/**
 * Keeps anybody from asking for a client certificate of the administrators' group (Kubernetes'
 * admission plugin CertificateSubjectRestriction). Pure.
 */
final class CertificateSubjects implements Step.Validating {
  private static final String CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";

  @Override
  public void check(Request request) {
    Obj spec = request.change().object().obj("spec");
    if (!request.creates(CertificateRequester.REQUESTS)
        || !spec.string("signerName").equals(CLIENT_SIGNER)) {
      return;
    }
    if (organizations(request, spec.string("request")).contains(AccountNames.MASTERS)) {
      throw refused(
          request, "use of " + CLIENT_SIGNER + " signer with system:masters group is not allowed");
    }
  }

  private static List<String> organizations(Request request, String base64) {
    try {
      byte[] pem = Base64.getDecoder().decode(base64);
      return CertificateRequest.parsePem(new String(pem, StandardCharsets.ISO_8859_1))
          .subject()
          .organizations();
    } catch (IllegalArgumentException e) {
      throw refused(request, "failed to parse CSR: " + e.getMessage());
    }
  }

  private static StatusException refused(Request request, String why) {
    return StatusException.forbidden(
        CertificateRequester.REQUESTS, request.change().key().name(), why);
  }
}
