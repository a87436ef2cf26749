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
import java.security.interfaces.ECPrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;

/**
 * A private key and the certificate that goes with it. On disk both are one PEM file that its owner
 * alone may read: two files would not change together. Immutable.
 */
public record Credential(PrivateKey key, X509Certificate certificate) {
  private static final String KEY = "PRIVATE KEY";
  private static final String CERTIFICATE = "CERTIFICATE";
  private static final String P256 = "1.2.840.10045.3.1.7";
  private static final int SCALAR_BYTES = 32;

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

  /**
   * The key as SEC 1 has it, {@code EC PRIVATE KEY}: client libraries in Java take a key without
   * this name for RSA.
   */
  public String ecKeyPem() {
    if (!(key instanceof ECPrivateKey ec)) {
      throw new IllegalStateException("the key is no EC key but " + key.getAlgorithm());
    }
    byte[] scalar = ec.getS().toByteArray();
    byte[] padded = new byte[SCALAR_BYTES];
    int length = Math.min(scalar.length, SCALAR_BYTES); // a leading zero is a sign, no digit
    System.arraycopy(scalar, scalar.length - length, padded, SCALAR_BYTES - length, length);
    DerInput publicKey = new DerInput(certificate.getPublicKey().getEncoded()).sequence();
    publicKey.whole(); // its algorithm
    byte[] encoded =
        Der.sequence(
            Der.integer(1),
            Der.octets(padded),
            Der.explicit(0, Der.oid(P256)),
            Der.explicit(1, Der.bits(0, publicKey.bits())));
    return Pem.encode("EC PRIVATE KEY", encoded);
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
