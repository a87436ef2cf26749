package dev.wherry.master.pki;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;

/**
 * A certificate request (PKCS #10) whose signature proves that the sender has the key. The subject
 * that it asks for is not read: who signs decides it. Immutable.
 */
public record CertificateRequest(PublicKey publicKey) {
  private static final String EC = "1.2.840.10045.2.1";
  private static final String RSA = "1.2.840.113549.1.1.1";
  private static final String ED25519 = "1.3.101.112";

  /**
   * Reads DER.
   *
   * @throws IllegalArgumentException when it is no request, or its signature is wrong
   */
  public static CertificateRequest parse(byte[] der) {
    DerInput request = new DerInput(der).sequence();
    byte[] info = request.whole();
    String signatureAlgorithm = request.sequence().oid();
    byte[] signature = request.bits();
    DerInput fields = new DerInput(info).sequence();
    fields.whole(); // version
    fields.whole(); // subject
    byte[] key = fields.whole();
    try {
      PublicKey publicKey =
          KeyFactory.getInstance(algorithm(key)).generatePublic(new X509EncodedKeySpec(key));
      Signature check = Signature.getInstance(signatureAlgorithm);
      check.initVerify(publicKey);
      check.update(info);
      if (!check.verify(signature)) {
        throw new IllegalArgumentException("the signature of the certificate request is wrong");
      }
      return new CertificateRequest(publicKey);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the certificate request cannot be used: " + e, e);
    }
  }

  /** Reads PEM or DER. */
  public static CertificateRequest parsePem(String pem) {
    return parse(Pem.decode(pem, "CERTIFICATE REQUEST"));
  }

  private static String algorithm(byte[] subjectPublicKeyInfo) {
    String oid = new DerInput(subjectPublicKeyInfo).sequence().sequence().oid();
    return switch (oid) {
      case EC -> "EC";
      case RSA -> "RSA";
      case ED25519 -> "Ed25519";
      default -> throw new IllegalArgumentException("keys of type " + oid + " are not supported");
    };
  }
}
