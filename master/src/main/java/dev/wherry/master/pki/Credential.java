package dev.wherry.master.pki;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;

/**
 * A private key and the certificate that goes with it. On disk both are one PEM file that its owner
 * alone may read: two files would not change together. Immutable.
 */
public record Credential(PrivateKey key, X509Certificate certificate) {
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";

  static Credential load(Path file) throws IOException {
    try {
      String text = Files.readString(file);
      PrivateKey key =
          KeyFactory.getInstance("EC")
              .generatePrivate(new PKCS8EncodedKeySpec(Pem.decode(text, KEY)));
      return new Credential(key, certificate(Pem.decode(text, CERTIFICATE)));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(file + " holds no key with its certificate: " + e.getMessage(), e);
    }
  }

  static X509Certificate certificate(byte[] der) throws GeneralSecurityException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
  }

  void store(Path file) throws IOException {
    AtomicFile.write(file, keyPem() + certificatePem(), AtomicFile.OWNER_ONLY);
  }

  /** PKCS #8. */
  public String keyPem() {
    return Pem.encode(KEY, key.getEncoded());
  }

  public String certificatePem() {
    return pem(certificate);
  }

  static String pem(X509Certificate certificate) {
    try {
      return Pem.encode(CERTIFICATE, certificate.getEncoded());
    } catch (CertificateEncodingException e) {
      throw new IllegalStateException("a certificate that was read has an encoding", e);
    }
  }
}
