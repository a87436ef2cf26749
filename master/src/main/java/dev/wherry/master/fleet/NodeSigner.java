package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import java.security.PublicKey;
import java.security.cert.X509Certificate;

/** The cluster's certificate authority as far as nodes need it. Thread-safe. */
public interface NodeSigner {
  /** The authority's own certificate. */
  X509Certificate authority();

  /**
   * A certificate for TLS clients with this key, subject {@code O=system:nodes,
   * CN=system:node:NAME}.
   */
  X509Certificate sign(PublicKey key, NodeName node);
}
