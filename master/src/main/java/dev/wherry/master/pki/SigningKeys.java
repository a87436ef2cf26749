package dev.wherry.master.pki;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;

/**
 * The key by which the cluster signs service account tokens: EC P-256, so that small machines make
 * it and sign with it quickly. It is kept in one file, which another master may be given.
 *
 * <p>Immutable and thread-safe.
 */
public final class SigningKeys {
  private static final String PRIVATE = "PRIVATE KEY";
  private static final String PUBLIC = "PUBLIC KEY";
  private static final String ALGORITHM = "SHA256withECDSAinP1363Format";
  private static final int COORDINATE_BYTES = 32;

  private final PrivateKey privateKey;
  private final ECPublicKey publicKey;
  private final String id;

  private SigningKeys(PrivateKey privateKey, ECPublicKey publicKey) {
    this.privateKey = privateKey;
    this.publicKey = publicKey;
    this.id = Base64.getUrlEncoder().withoutPadding().encodeToString(digest(publicKey));
  }

  /** A new pair that is kept nowhere. */
  public static SigningKeys generate() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      KeyPair pair = generator.generateKeyPair();
      return new SigningKeys(pair.getPrivate(), (ECPublicKey) pair.getPublic());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has P-256", e);
    }
  }

  /**
   * Reads the pair of this file, or makes it where there is none yet.
   *
   * @throws IOException with a message for the user
   */
  public static SigningKeys open(Path file) throws IOException {
    if (!Files.exists(file)) {
      SigningKeys made = generate();
      AtomicFile.write(
          file,
          Pem.encode(PRIVATE, made.privateKey.getEncoded())
              + Pem.encode(PUBLIC, made.publicKey.getEncoded()),
          AtomicFile.OWNER_ONLY);
      return made;
    }
    try {
      String text = Files.readString(file);
      KeyFactory keys = KeyFactory.getInstance("EC");
      return new SigningKeys(
          keys.generatePrivate(new PKCS8EncodedKeySpec(Pem.decode(text, PRIVATE))),
          (ECPublicKey) keys.generatePublic(new X509EncodedKeySpec(Pem.decode(text, PUBLIC))));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          file + " holds no key for service account tokens: " + e.getMessage(), e);
    }
  }

  private static byte[] digest(ECPublicKey key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** The name of the key in tokens: the digest of its public half. */
  public String id() {
    return id;
  }

  /** Signs as JWA's ES256 has it: r and s, 32 bytes each. */
  public byte[] sign(byte[] content) {
    try {
      Signature signature = Signature.getInstance(ALGORITHM);
      signature.initSign(privateKey);
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key that was made here signs", e);
    }
  }

  /** Whether this key made the signature. */
  public boolean verifies(byte[] content, byte[] signature) {
    try {
      Signature check = Signature.getInstance(ALGORITHM);
      check.initVerify(publicKey);
      check.update(content);
      return check.verify(signature);
    } catch (GeneralSecurityException e) {
      return false; // it is malformed
    }
  }

  /** The public point's x, base64url as a JSON Web Key has it. */
  public String x() {
    return coordinate(publicKey.getW().getAffineX());
  }

  /** See {@link #x}. */
  public String y() {
    return coordinate(publicKey.getW().getAffineY());
  }

  private static String coordinate(BigInteger number) {
    byte[] bytes = number.toByteArray();
    byte[] padded = new byte[COORDINATE_BYTES];
    int length = Math.min(bytes.length, COORDINATE_BYTES); // a leading zero is a sign, no digit
    System.arraycopy(bytes, bytes.length - length, padded, COORDINATE_BYTES - length, length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(padded);
  }
}
