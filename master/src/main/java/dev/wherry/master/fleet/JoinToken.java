package dev.wherry.master.fleet;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.BootstrapToken;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a machine needs to join: which authority to trust, and a secret. Kept as a Secret of type
 * {@code bootstrap.kubernetes.io/token} in {@code kube-system} (Kubernetes: Authenticating with
 * Bootstrap Tokens), which {@code kubectl} can list and delete.
 *
 * @param id six characters of {@code a-z0-9}, no secret
 * @param secret sixteen of them
 * @param expiration empty: it does not expire
 * @param uses how many nodes it admits
 */
public record JoinToken(
    String id, String secret, Optional<Instant> expiration, Uses uses, String description) {

  /** How many nodes join by a token. */
  public enum Uses {
    /** One: the token is gone once it has joined. */
    ONE_NODE,
    MANY
  }

  public static final String NAMESPACE = BootstrapToken.NAMESPACE;

  private static final String ONE_NODE = "usage-wherry-one-node";
  private static final String TEXT_PREFIX = "WHERRY10";
  private static final String ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789";
  private static final Pattern ID_AND_SECRET = Pattern.compile("([a-z0-9]{6})\\.([a-z0-9]{16})");

  /** A new token; the random generator must be fit for secrets. */
  public static JoinToken create(
      RandomGenerator random, Optional<Instant> expiration, String description) {
    return new JoinToken(
        letters(random, 6), letters(random, 16), expiration, Uses.MANY, description);
  }

  private static String letters(RandomGenerator random, int count) {
    StringBuilder letters = new StringBuilder(count);
    for (int i = 0; i < count; i++) {
      letters.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return letters.toString();
  }

  /** The token of a Secret; empty when it is none, or not for joining. */
  public static Optional<JoinToken> of(Obj secret) {
    return BootstrapToken.of(secret)
        .filter(token -> token.serves(BootstrapToken.Usage.AUTHENTICATION))
        .map(
            token ->
                new JoinToken(
                    token.id(),
                    token.secret(),
                    token.expiration(),
                    token.text(ONE_NODE).equals("true") ? Uses.ONE_NODE : Uses.MANY,
                    token.text("description")));
  }

  /** Where the Secret of a token with this id lies. */
  public static ObjectKey key(String id) {
    return BootstrapToken.key(id);
  }

  /** The Secret that keeps this token. */
  public Obj toSecret() {
    Obj.Builder data =
        Obj.builder()
            .put("token-id", base64(id))
            .put("token-secret", base64(secret))
            .put(BootstrapToken.Usage.AUTHENTICATION.key(), base64("true"))
            .put(BootstrapToken.Usage.SIGNING.key(), base64("true"));
    expiration.ifPresent(end -> data.put("expiration", base64(Meta.Times.format(end))));
    if (uses == Uses.ONE_NODE) {
      data.put(ONE_NODE, base64("true"));
    }
    data.putUnlessEmpty("description", base64(description));
    return Obj.of(
        "apiVersion",
        "v1",
        "kind",
        "Secret",
        "metadata",
        Obj.of("namespace", NAMESPACE, "name", key(id).name()),
        "type",
        BootstrapToken.TYPE,
        "data",
        data.build());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  /** The same for one node alone. */
  public JoinToken forOneNode() {
    return new JoinToken(id, secret, expiration, Uses.ONE_NODE, description);
  }

  public boolean isForOneNode() {
    return uses == Uses.ONE_NODE;
  }

  public boolean isExpired(Instant now) {
    return expiration.isPresent() && !now.isBefore(expiration.get());
  }

  /**
   * As it is typed on a joining machine: {@code WHERRY10<hash of the authority>::<id>.<secret>}.
   */
  public String text(X509Certificate authority) {
    return TEXT_PREFIX + authorityHash(authority) + "::" + id + "." + secret;
  }

  /** The id in a token's text, for who has the text and wants the Secret. */
  public static Optional<String> idOf(String text) {
    int separator = text.indexOf("::");
    Matcher matcher = ID_AND_SECRET.matcher(separator < 0 ? text : text.substring(separator + 2));
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  /** Whether this is the token's {@code id.secret}; takes the same time for any wrong secret. */
  boolean matches(String idAndSecret) {
    return MessageDigest.isEqual(
        (id + "." + secret).getBytes(StandardCharsets.UTF_8),
        idAndSecret.getBytes(StandardCharsets.UTF_8));
  }

  /** SHA-256 over the public key's SubjectPublicKeyInfo, as kubeadm hashes its CA; hex. */
  public static String authorityHash(X509Certificate authority) {
    return keyHash(authority.getPublicKey().getEncoded());
  }

  static String keyHash(byte[] subjectPublicKeyInfo) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(subjectPublicKeyInfo));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
