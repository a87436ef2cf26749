package dev.wherry.agent.ingress;

import dev.wherry.agent.host.Der;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A private key in PEM, in the three forms that tools write: PKCS #8, PKCS #1 (RSA) and SEC 1 (EC).
 * The platform reads the first alone; the others are put into its envelope.
 */
final class PemKey {
  private static final Pattern BLOCK =
      Pattern.compile("-----BEGIN ((?:RSA |EC )?)PRIVATE KEY-----([^-]+)-----END");
  private static final List<Integer> RSA = List.of(1, 2, 840, 113549, 1, 1, 1);
  private static final List<Integer> EC = List.of(1, 2, 840, 10045, 2, 1);
  private static final int CONTEXT_0 = 0xa0;
  private static final int OBJECT_IDENTIFIER = 0x06;

  private PemKey() {}

  /**
   * Reads the first key of the text.
   *
   * @throws GeneralSecurityException when there is none, or it is encrypted or malformed
   */
  static PrivateKey parse(String pem) throws GeneralSecurityException {
    Matcher matcher = BLOCK.matcher(pem);
    if (!matcher.find()) {
      throw new InvalidKeySpecException("there is no private key that is not encrypted");
    }
    byte[] der;
    try {
      der = Base64.getMimeDecoder().decode(matcher.group(2));
    } catch (IllegalArgumentException e) {
      throw new InvalidKeySpecException("the private key is no base64", e);
    }
    return switch (matcher.group(1)) {
      case "RSA " -> key("RSA", envelope(Der.sequence(Der.oid(RSA), Der.absent()), der));
      case "EC " -> key("EC", envelope(Der.sequence(Der.oid(EC), curve(der)), der));
      default -> anyOf(der);
    };
  }

  private static byte[] envelope(byte[] algorithm, byte[] key) {
    return Der.sequence(Der.zero(), algorithm, Der.octets(key));
  }

  private static PrivateKey key(String algorithm, byte[] pkcs8) throws GeneralSecurityException {
    return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
  }

  private static PrivateKey anyOf(byte[] pkcs8) throws GeneralSecurityException {
    InvalidKeySpecException last = new InvalidKeySpecException("unknown kind of key");
    for (String algorithm : List.of("EC", "RSA", "Ed25519")) {
      try {
        return key(algorithm, pkcs8);
      } catch (InvalidKeySpecException e) {
        last = e;
      }
    }
    throw last;
  }

  /** The curve's identifier, which SEC 1 has behind {@code [0]} after the number itself. */
  private static byte[] curve(byte[] der) throws InvalidKeySpecException {
    int at = 2 + (der.length > 1 && (der[1] & 0x80) != 0 ? der[1] & 0x7f : 0); // into the sequence
    while (at + 1 < der.length) {
      int tag = der[at] & 0xff;
      int length = der[at + 1] & 0xff;
      if (length >= 0x80 || at + 2 + length > der.length) {
        break; // no part of such a key is that long
      }
      if (tag == CONTEXT_0 && der[at + 2] == OBJECT_IDENTIFIER) {
        return Arrays.copyOfRange(der, at + 2, at + 2 + length);
      }
      at += 2 + length;
    }
    throw new InvalidKeySpecException("the EC key does not name its curve");
  }
}
