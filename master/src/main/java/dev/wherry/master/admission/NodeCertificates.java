package dev.wherry.master.admission;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.CertificateRequest;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;

/** For whom a node asks for certificates. Pure. */
final class NodeCertificates {
  private static final Set<String> SIGNERS =
      Set.of("kubernetes.io/kube-apiserver-client-kubelet", "kubernetes.io/kubelet-serving");

  private NodeCertificates() {}

  /** Whether the request is for the node itself, or no node's business. */
  static boolean isOwn(Obj spec, String user) {
    if (!SIGNERS.contains(spec.string("signerName"))) {
      return true;
    }
    try {
      byte[] pem = Base64.getDecoder().decode(spec.string("request"));
      return CertificateRequest.parsePem(new String(pem, StandardCharsets.ISO_8859_1))
          .subject()
          .commonName()
          .equals(user);
    } catch (IllegalArgumentException _) {
      return false;
    }
  }
}
