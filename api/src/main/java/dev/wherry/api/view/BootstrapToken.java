package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A Secret of type {@code bootstrap.kubernetes.io/token} in {@code kube-system}: a token {@code
 * id.secret} by which machines that have nothing else come to the API (Kubernetes: Authenticating
 * with Bootstrap Tokens). Immutable.
 *
 * @param id six characters of {@code a-z0-9}, no secret
 * @param secret sixteen of them
 * @param tree the Secret itself
 */
public record BootstrapToken(String id, String secret, Obj tree) {
  public static final String NAMESPACE = "kube-system";
  public static final String TYPE = "bootstrap.kubernetes.io/token";
  private static final String PREFIX = "bootstrap-token-";
  private static final String DEFAULT_GROUP = "system:bootstrappers";
  private static final Pattern FORM = Pattern.compile("[a-z0-9]{6}\\.[a-z0-9]{16}");
  private static final Pattern GROUP =
      Pattern.compile("system:bootstrappers:[a-z0-9:-]{0,255}[a-z0-9]");

  /** What a token may be used for. */
  public enum Usage {
    AUTHENTICATION("usage-bootstrap-authentication"),
    SIGNING("usage-bootstrap-signing");

    private final String key;

    Usage(String key) {
      this.key = key;
    }

    /** The key of the Secret that says {@code true}. */
    public String key() {
      return key;
    }
  }

  /** The token of a Secret; empty when it is none. */
  public static Optional<BootstrapToken> of(Obj secret) {
    BootstrapToken token =
        new BootstrapToken(text(secret, "token-id"), text(secret, "token-secret"), secret);
    boolean fits =
        secret.string("type").equals(TYPE)
            && ObjectKey.of(secret).equals(key(token.id))
            && FORM.matcher(token.id + "." + token.secret).matches();
    return fits ? Optional.of(token) : Optional.empty();
  }

  /** Whether this text has the form of such a token. */
  public static boolean isOne(String text) {
    return FORM.matcher(text).matches();
  }

  /** Where the Secret of the token with this id lies. */
  public static ObjectKey key(String id) {
    return new ObjectKey(NAMESPACE, PREFIX + id);
  }

  /** Whether this is the token's {@code id.secret}; takes the same time for any wrong secret. */
  public boolean matches(String idAndSecret) {
    return MessageDigest.isEqual(
        (id + "." + secret).getBytes(StandardCharsets.UTF_8),
        idAndSecret.getBytes(StandardCharsets.UTF_8));
  }

  public boolean serves(Usage usage) {
    return text(usage.key).equals("true");
  }

  /**
   * Empty: it does not expire. An end that cannot be read has passed, so that nothing stays open.
   */
  public Optional<Instant> expiration() {
    String end = text("expiration");
    return end.isEmpty()
        ? Optional.empty()
        : Optional.of(Meta.Times.parse(end).orElse(Instant.EPOCH));
  }

  public boolean isExpired(Instant now) {
    return expiration().filter(end -> !now.isBefore(end)).isPresent();
  }

  /**
   * The user's groups; one that is not below {@code system:bootstrappers} makes the token useless.
   */
  public Optional<List<String>> groups() {
    List<String> groups = new ArrayList<>(List.of(DEFAULT_GROUP));
    for (String group : text("auth-extra-groups").split(",", -1)) {
      if (group.isBlank()) {
        continue;
      }
      if (!GROUP.matcher(group.strip()).matches()) {
        return Optional.empty();
      }
      groups.add(group.strip());
    }
    return Optional.of(List.copyOf(groups));
  }

  /** The value of this key as text; empty where it is absent or no base64. */
  public String text(String key) {
    return text(tree, key);
  }

  private static String text(Obj secret, String key) {
    try {
      return new String(
          Base64.getDecoder().decode(secret.obj("data").string(key)), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      return "";
    }
  }

  /** Without the secret. */
  @Override
  public String toString() {
    return "BootstrapToken[" + id + "]";
  }
}
