package dev.wherry.master.pki;

import java.io.IOException;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.PSSParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate request (PKCS #10) whose signature proves that the sender has the key. What it asks
 * for is a wish: who signs decides it. Immutable.
 *
 * @param name that it asks for, whole
 * @param subject what Kubernetes reads of that name
 * @param alternatives the other names that it asks for
 */
public record CertificateRequest(
    PublicKey publicKey,
    X500Principal name,
    ClientSubject subject,
    List<AlternativeName> alternatives) {
  private static final String LABEL = "CERTIFICATE REQUEST";
  private static final String EXTENSION_REQUEST = "1.2.840.113549.1.9.14";
  private static final String ALTERNATIVE_NAMES = "2.5.29.17";
  private static final int BOOLEAN = 0x01;

  private static final String EC = "1.2.840.10045.2.1";
  private static final String RSA = "1.2.840.113549.1.1.1";
  private static final String RSA_PSS = "1.2.840.113549.1.1.10";
  private static final String ED25519 = "1.3.101.112";

  public CertificateRequest {
    alternatives = List.copyOf(alternatives);
  }

  /**
   * Reads DER.
   *
   * @throws IllegalArgumentException when it is no request, or its signature is wrong
   */
  public static CertificateRequest parse(byte[] der) {
    DerInput whole = new DerInput(der);
    DerInput request = whole.sequence();
    if (whole.hasMore()) {
      throw new IllegalArgumentException("trailing data after the certificate request");
    }
    byte[] info = request.whole();
    DerInput signatureAlgorithm = request.sequence();
    byte[] signature = request.bits();
    DerInput fields = new DerInput(info).sequence();
    fields.whole(); // version
    byte[] name = fields.whole();
    byte[] key = fields.whole();
    List<AlternativeName> alternatives =
        fields.isNextExplicit(0) ? alternatives(fields.explicit(0)) : List.of();
    try {
      PublicKey publicKey =
          KeyFactory.getInstance(algorithm(key)).generatePublic(new X509EncodedKeySpec(key));
      Signature check = verification(signatureAlgorithm);
      check.initVerify(publicKey);
      check.update(info);
      if (!check.verify(signature)) {
        throw new IllegalArgumentException("the signature of the certificate request is wrong");
      }
      return new CertificateRequest(
          publicKey, new X500Principal(name), ClientSubject.read(name), alternatives);
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalArgumentException("the certificate request cannot be used: " + e, e);
    }
  }

  /** The check of a signature; that of RSA with PSS has its hash and salt beside its name. */
  private static Signature verification(DerInput algorithm)
      throws GeneralSecurityException, IOException {
    String oid = algorithm.oid();
    if (!oid.equals(RSA_PSS)) {
      return Signature.getInstance(oid);
    }
    AlgorithmParameters parameters = AlgorithmParameters.getInstance("RSASSA-PSS");
    parameters.init(algorithm.whole());
    Signature check = Signature.getInstance("RSASSA-PSS");
    check.setParameter(parameters.getParameterSpec(PSSParameterSpec.class));
    return check;
  }

  /**
   * Reads PEM.
   *
   * @throws IllegalArgumentException when its first block is no request, or the signature is wrong
   */
  public static CertificateRequest parsePem(String pem) {
    List<Pem.Block> blocks = Pem.blocks(pem);
    if (blocks.isEmpty() || !blocks.getFirst().label().equals(LABEL)) {
      throw new IllegalArgumentException("PEM block type must be " + LABEL);
    }
    return parse(blocks.getFirst().content());
  }

  private static List<AlternativeName> alternatives(DerInput attributes) {
    List<AlternativeName> names = new ArrayList<>();
    while (attributes.hasMore()) {
      DerInput attribute = attributes.sequence();
      if (!attribute.oid().equals(EXTENSION_REQUEST)) {
        continue;
      }
      DerInput extensions = attribute.set().sequence();
      while (extensions.hasMore()) {
        DerInput extension = extensions.sequence();
        boolean isWanted = extension.oid().equals(ALTERNATIVE_NAMES);
        if (extension.isNext(BOOLEAN)) {
          extension.content(); // critical or not
        }
        if (isWanted) {
          DerInput list = new DerInput(extension.content()).sequence();
          while (list.hasMore()) {
            AlternativeName.read(list).ifPresent(names::add);
          }
        }
      }
    }
    return names;
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
