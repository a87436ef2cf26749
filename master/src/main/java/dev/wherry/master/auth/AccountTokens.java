package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SigningKeys;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Makes tokens of service accounts: bound ones (TokenRequest), which end with their time, their pod
 * or their account, and those that stand in Secrets and end with the Secret. Thread-safe.
 */
public final class AccountTokens {
  /** Finds stored objects. */
  @FunctionalInterface
  public interface Objects {
    Optional<Obj> find(GroupResource resource, ObjectKey key);
  }

  static final String PRIVATE_CLAIMS = "kubernetes.io";
  static final String LEGACY_ISSUER = "kubernetes/serviceaccount";
  static final String LEGACY_CLAIM = LEGACY_ISSUER + "/";
  private static final long DEFAULT_SECONDS = 3600;
  private static final long MIN_SECONDS = 600;
  private static final long MAX_SECONDS = 1L << 32;

  /**
   * What the admission's volume asks for. Such tokens are good for a year, since old clients read
   * the file once; their time is told as it was asked, so that the file is renewed (Kubernetes:
   * service-account-extend-token-expiration).
   */
  public static final long VOLUME_SECONDS = 3607;

  private static final long EXTENDED_SECONDS = 365L * 24 * 3600;

  private final SigningKeys keys;
  private final TokenSettings settings;
  private final InstantSource clock;

  public AccountTokens(SigningKeys keys, TokenSettings settings, InstantSource clock) {
    this.keys = keys;
    this.settings = settings;
    this.clock = clock;
  }

  /** With a key of its own that is kept nowhere. */
  public static AccountTokens ephemeral(InstantSource clock) {
    return new AccountTokens(SigningKeys.generate(), TokenSettings.DEFAULT, clock);
  }

  public TokenSettings settings() {
    return settings;
  }

  SigningKeys keys() {
    return keys;
  }

  InstantSource clock() {
    return clock;
  }

  /**
   * Answers a TokenRequest for the account.
   *
   * @return the request with its status
   */
  public Obj answer(ObjectKey accountKey, Obj request, Objects objects) {
    Obj account =
        objects
            .find(GroupResource.SERVICE_ACCOUNTS, accountKey)
            .orElseThrow(
                () -> StatusException.notFound(GroupResource.SERVICE_ACCOUNTS, accountKey.name()));
    Obj spec = request.obj("spec");
    long asked = spec.number("expirationSeconds", DEFAULT_SECONDS);
    checkSeconds(asked);
    List<String> audiences =
        spec.strings("audiences").isEmpty() ? settings.audiences() : spec.strings("audiences");
    Obj bound = boundTo(accountKey, spec.obj("boundObjectRef"), objects);
    boolean extended =
        asked == VOLUME_SECONDS && bound.has("pod") && audiences.equals(settings.audiences());
    Instant now = clock.instant();
    long start = now.getEpochSecond();
    Obj about = bound;
    about = about.with("namespace", accountKey.namespace());
    about = about.with("serviceaccount", reference(accountKey.name(), Meta.of(account).uid()));
    if (extended) {
      about = about.with("warnafter", start + asked);
    }
    Obj claims =
        Obj.of(
            "aud",
            audiences,
            "exp",
            start + (extended ? EXTENDED_SECONDS : asked),
            "iat",
            start,
            "iss",
            settings.issuer(),
            "jti",
            UUID.randomUUID().toString(),
            PRIVATE_CLAIMS,
            about,
            "nbf",
            start,
            "sub",
            AccountNames.user(accountKey));
    return answered(request, spec, accountKey, audiences, asked, now, Jwt.signed(claims, keys));
  }

  private static Obj answered(
      Obj request,
      Obj spec,
      ObjectKey account,
      List<String> audiences,
      long seconds,
      Instant now,
      String token) {
    return request
        .with("apiVersion", "authentication.k8s.io/v1")
        .with("kind", "TokenRequest")
        .with(
            "metadata",
            Obj.of(
                "name",
                account.name(),
                "namespace",
                account.namespace(),
                "creationTimestamp",
                Meta.Times.format(now)))
        .with("spec", spec.with("audiences", audiences).with("expirationSeconds", seconds))
        .with(
            "status",
            Obj.of(
                "token",
                token,
                "expirationTimestamp",
                Meta.Times.format(now.plusSeconds(seconds))));
  }

  private static void checkSeconds(long seconds) {
    String field = "spec.expirationSeconds";
    List<dev.wherry.api.status.Cause> causes = new ArrayList<>();
    if (seconds < MIN_SECONDS) {
      causes.add(
          dev.wherry.api.status.Cause.invalid(
              field, seconds, "may not specify a duration less than 10 minutes"));
    } else if (seconds > MAX_SECONDS) {
      causes.add(
          dev.wherry.api.status.Cause.invalid(
              field, seconds, "may not specify a duration larger than 2^32 seconds"));
    }
    if (!causes.isEmpty()) {
      throw StatusException.invalid("authentication.k8s.io", "TokenRequest", "", causes);
    }
  }

  private static Obj reference(String name, String uid) {
    return Obj.of("name", name, "uid", uid);
  }

  private static Obj boundTo(ObjectKey account, Obj ref, Objects objects) {
    if (ref.isEmpty()) {
      return Obj.EMPTY;
    }
    String kind = ref.string("kind");
    String name = ref.string("name");
    return switch (kind) {
      case "Pod" -> boundToPod(account, ref, objects);
      case "Secret" -> {
        ObjectKey key = new ObjectKey(account.namespace(), name);
        yield Obj.of("secret", found(GroupResource.SECRETS, key, ref, objects));
      }
      case "Node" ->
          Obj.of("node", found(GroupResource.NODES, new ObjectKey("", name), ref, objects));
      default ->
          throw StatusException.badRequest(
              "cannot bind token to object of type " + ref.string("apiVersion") + ", Kind=" + kind);
    };
  }

  private static Obj boundToPod(ObjectKey account, Obj ref, Objects objects) {
    ObjectKey key = new ObjectKey(account.namespace(), ref.string("name"));
    Obj pod = found(GroupResource.PODS, key, ref, objects);
    Obj spec =
        objects.find(GroupResource.PODS, key).map(each -> each.obj("spec")).orElse(Obj.EMPTY);
    if (!spec.string("serviceAccountName").equals(account.name())) {
      throw StatusException.badRequest(
          "cannot bind token for serviceaccount \""
              + account.name()
              + "\" to pod running with different serviceaccount name.");
    }
    String nodeName = spec.string("nodeName");
    Obj bound = Obj.of("pod", pod);
    if (nodeName.isEmpty()) {
      return bound;
    }
    String uid =
        objects
            .find(GroupResource.NODES, new ObjectKey("", nodeName))
            .map(node -> Meta.of(node).uid())
            .orElse("");
    Obj node = Obj.builder().put("name", nodeName).putUnlessEmpty("uid", uid).build();
    return bound.with("node", node);
  }

  private static Obj found(GroupResource resource, ObjectKey key, Obj ref, Objects objects) {
    Obj object =
        objects
            .find(resource, key)
            .orElseThrow(() -> StatusException.notFound(resource, key.name()));
    String uid = Meta.of(object).uid();
    String asked = ref.string("uid");
    if (!asked.isEmpty() && !asked.equals(uid)) {
      throw StatusException.conflict(
          resource,
          key.name(),
          "the UID in the bound object reference ("
              + asked
              + ") does not match the UID in record. The object might have been deleted and then"
              + " recreated");
    }
    return reference(key.name(), uid);
  }

  /** The token that stands in a Secret of this account; without an end of its own. */
  public String secretToken(ObjectKey account, String accountUid, String secretName) {
    return Jwt.signed(
        Obj.of(
            "iss",
            LEGACY_ISSUER,
            LEGACY_CLAIM + "namespace",
            account.namespace(),
            LEGACY_CLAIM + "secret.name",
            secretName,
            LEGACY_CLAIM + "service-account.name",
            account.name(),
            LEGACY_CLAIM + "service-account.uid",
            accountUid,
            "sub",
            AccountNames.user(account)),
        keys);
  }

  /** {@code /.well-known/openid-configuration}. */
  public Obj discovery(String apiServer) {
    return Obj.of(
        "issuer",
        settings.issuer(),
        "jwks_uri",
        apiServer + "/openid/v1/jwks",
        "response_types_supported",
        List.of("id_token"),
        "subject_types_supported",
        List.of("public"),
        "id_token_signing_alg_values_supported",
        List.of(Jwt.ALGORITHM));
  }

  /** {@code /openid/v1/jwks}: the keys by which others check tokens (RFC 7517). */
  public Obj keySet() {
    Obj key =
        Obj.of(
            "use",
            "sig",
            "kty",
            "EC",
            "kid",
            keys.id(),
            "crv",
            "P-256",
            "alg",
            Jwt.ALGORITHM,
            "x",
            keys.x(),
            "y",
            keys.y());
    return Obj.of("keys", List.of(key));
  }

  /** The refusal of a token. */
  static StatusException unauthorized() {
    return StatusException.of(Reason.UNAUTHORIZED, "Unauthorized");
  }
}
