package dev.wherry.master.pki;

import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/** Certificates one after the other, in PEM. Immutable. */
public record CertificateText(List<X509Certificate> certificates) {
  private static final String LABEL = "CERTIFICATE";

  public CertificateText {
    certificates = List.copyOf(certificates);
  }

  /**
   * Reads them, strictly: nothing but certificates, at least one.
   *
   * @throws IllegalArgumentException in the words of Kubernetes when it is something else
   */
  public static CertificateText parse(String pem) {
    List<X509Certificate> certificates = new ArrayList<>();
    for (Pem.Block block : Pem.blocks(pem)) {
      if (!block.label().equals(LABEL)) {
        throw new IllegalArgumentException(
            "only CERTIFICATE PEM blocks are allowed, found \"" + block.label() + "\"");
      }
      if (block.hasHeaders()) {
        throw new IllegalArgumentException("no PEM block headers are permitted");
      }
      try {
        certificates.add(Credential.certificate(block.content()));
      } catch (GeneralSecurityException e) {
        throw new IllegalArgumentException("x509: malformed certificate", e);
      }
    }
    if (certificates.isEmpty()) {
      throw new IllegalArgumentException("must contain at least one CERTIFICATE PEM block");
    }
    return new CertificateText(certificates);
  }
}
