package dev.wherry.master.pki;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.List;

/** Certificate requests for tests, each by a key of its own that nobody keeps. */
public final class SampleRequests {
  private SampleRequests() {}

  /** As {@code spec.request} of a CertificateSigningRequest has it: PEM in base64. */
  public static String base64(String commonName, String... organizations) {
    return Base64.getEncoder()
        .encodeToString(pem(commonName, organizations).getBytes(StandardCharsets.US_ASCII));
  }

  /** A request for this name, in PEM. */
  public static String pem(String commonName, String... organizations) {
    return Pem.encode("CERTIFICATE REQUEST", der(commonName, organizations));
  }

  /** The same in DER, whose last byte is one of the signature's. */
  public static byte[] der(String commonName, String... organizations) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(256);
      KeyPair pair = generator.generateKeyPair();
      byte[] info =
          Der.sequence(
              Der.integer(0),
              new CertificateDraft.Name(commonName, List.of(organizations)).encoded(),
              pair.getPublic().getEncoded(),
              Der.explicit(0));
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(pair.getPrivate());
      signature.update(info);
      return Der.sequence(
          info, Der.sequence(Der.oid("1.2.840.10045.4.3.2")), Der.bits(0, signature.sign()));
    } catch (GeneralSecurityException e) {
      throw new AssertionError(e);
    }
  }
}
