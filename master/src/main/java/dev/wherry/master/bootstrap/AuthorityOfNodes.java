package dev.wherry.master.bootstrap;

import dev.wherry.api.object.NodeName;
import dev.wherry.master.fleet.NodeSigner;
import dev.wherry.master.pki.CertificateAuthority;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** Signs nodes' certificates with the cluster's authority. */
record AuthorityOfNodes(CertificateAuthority certificates) implements NodeSigner {
  private static final List<String> NODES = List.of("system:nodes");

  @Override
  public X509Certificate authority() {
    return certificates.certificate();
  }

  @Override
  public X509Certificate sign(PublicKey key, NodeName node) {
    return certificates.signClient(key, "system:node:" + node, NODES);
  }
}
