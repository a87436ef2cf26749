package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.util.Base64;
import org.apache.commons.codec.digest.Crypt;
import org.apache.commons.codec.digest.DigestUtils;
import org.apache.commons.codec.digest.Md5Crypt;

/**
 * Passwords as {@code htpasswd} and {@code openssl passwd} write them: Apache's MD5, SHA-1, and
 * crypt(3)'s MD5, SHA-256 and SHA-512. Neither bcrypt, nor text in the clear. Pure.
 */
final class PasswordHash {
  private static final String APACHE = "$apr1$";
  private static final String SHA1 = "{SHA}";

  private PasswordHash() {}

  /** Whether a hash can be compared with. */
  static boolean isKnown(String hash) {
    return hash.startsWith(APACHE)
        || hash.startsWith(SHA1)
        || hash.startsWith("$1$")
        || hash.startsWith("$5$")
        || hash.startsWith("$6$");
  }

  /** Whether the hash is this password's; false for one of an unknown kind. Takes milliseconds. */
  static boolean matches(String hash, String password) {
    if (!isKnown(hash)) {
      return false;
    }
    byte[] bytes = password.getBytes(UTF_8);
    String own;
    if (hash.startsWith(APACHE)) {
      own = Md5Crypt.apr1Crypt(bytes, hash);
    } else if (hash.startsWith(SHA1)) {
      own = SHA1 + Base64.getEncoder().encodeToString(DigestUtils.sha1(bytes));
    } else {
      own = Crypt.crypt(bytes, hash);
    }
    return MessageDigest.isEqual(own.getBytes(US_ASCII), hash.getBytes(US_ASCII));
  }
}
