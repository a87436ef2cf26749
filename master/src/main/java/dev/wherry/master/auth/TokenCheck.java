package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.BootstrapToken;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Says who shows a token. A signature is checked once and remembered, within a bound; what the
 * token rests on (time, account, pod, secret, node) is looked at each time. Thread-safe.
 */
public final class TokenCheck {
  /** How many checked signatures are remembered; the one unused for longest goes first. */
  static final int MAX_REMEMBERED = 512;

  private static final String EXTRA = "authentication.kubernetes.io/";

  /** What came of a check. */
  public sealed interface Outcome {
    /**
     * The token is good.
     *
     * @param audiences of the token and of those asked for
     */
    record Known(User user, List<String> audiences) implements Outcome {}

    /** It is not, and why; the reason is for those who review tokens, not for its bearer. */
    record Refused(String reason) implements Outcome {}
  }

  private final AccountTokens tokens;
  private final AccountTokens.Objects objects;
  private final Map<String, Obj> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Obj> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  public TokenCheck(AccountTokens tokens, AccountTokens.Objects objects) {
    this.tokens = tokens;
    this.objects = objects;
  }

  /** Checks a token that is shown to the API server itself. */
  public Outcome check(String token) {
    return check(token, tokens.settings().audiences());
  }

  /** Checks a token for somebody who has one of these audiences. */
  public Outcome check(String token, List<String> audiences) {
    if (BootstrapToken.isOne(token)) {
      return checkBootstrap(token, audiences);
    }
    Optional<Obj> claims = claims(token);
    if (claims.isEmpty()) {
      return new Outcome.Refused("invalid bearer token");
    }
    return claims.get().string("iss").equals(AccountTokens.LEGACY_ISSUER)
        ? checkLegacy(token, claims.get(), audiences)
        : checkBound(claims.get(), audiences);
  }

  private Optional<Obj> claims(String token) {
    synchronized (remembered) {
      Obj known = remembered.get(token);
      if (known != null) {
        return Optional.of(known);
      }
    }
    Optional<Obj> claims = Jwt.claims(token, tokens.keys());
    claims.ifPresent(
        found -> {
          synchronized (remembered) {
            remembered.put(token, found);
          }
        });
    return claims;
  }

  private Outcome checkBound(Obj claims, List<String> wanted) {
    if (!claims.string("iss").equals(tokens.settings().issuer())) {
      return new Outcome.Refused("invalid bearer token");
    }
    long now = tokens.clock().instant().getEpochSecond();
    if (now >= claims.number("exp", 0)) {
      return new Outcome.Refused("token has expired");
    }
    if (now + LEEWAY_SECONDS < claims.number("nbf", 0)) {
      return new Outcome.Refused("token is not valid yet");
    }
    List<String> audiences = new ArrayList<>(wanted);
    audiences.retainAll(claims.strings("aud"));
    if (audiences.isEmpty()) {
      return new Outcome.Refused(
          "token audiences "
              + quoted(claims.strings("aud"))
              + " is invalid for the target audiences "
              + quoted(wanted));
    }
    Obj about = claims.obj(AccountTokens.PRIVATE_CLAIMS);
    Obj account = about.obj("serviceaccount");
    ObjectKey key = new ObjectKey(about.string("namespace"), account.string("name"));
    String missing = missing(about, key, account.string("uid"));
    if (!missing.isEmpty()) {
      return new Outcome.Refused(missing);
    }
    return new Outcome.Known(user(key, account.string("uid"), extra(claims, about)), audiences);
  }

  /** For clocks that differ a little, as go-jose has it. */
  private static final long LEEWAY_SECONDS = 60;

  private static String quoted(List<String> list) {
    return "[\"" + String.join("\" \"", list) + "\"]";
  }

  /** What the token rests on and is gone; empty when all is there. */
  private String missing(Obj about, ObjectKey account, String accountUid) {
    if (!isThere(GroupResource.SERVICE_ACCOUNTS, account, accountUid)) {
      return "service account " + account.namespace() + "/" + account.name() + " has been deleted";
    }
    for (String kind : List.of("pod", "secret", "node")) {
      Obj bound = about.obj(kind);
      boolean binds = !bound.isEmpty() && !(kind.equals("node") && about.has("pod"));
      GroupResource resource = GroupResource.core(kind + "s");
      String namespace = kind.equals("node") ? "" : account.namespace();
      ObjectKey key = new ObjectKey(namespace, bound.string("name"));
      if (binds && !isThere(resource, key, bound.string("uid"))) {
        return "service account token has been invalidated";
      }
    }
    return "";
  }

  /** Whether the same object is there and not on its way out for longer than its grace. */
  private boolean isThere(GroupResource resource, ObjectKey key, String uid) {
    Optional<Obj> found = objects.find(resource, key);
    if (found.isEmpty() || !Meta.of(found.get()).uid().equals(uid)) {
      return false;
    }
    // A pod that ends may still call: a minute beyond the time by which it is to be gone.
    return Meta.of(found.get())
        .deletionTimestamp()
        .map(end -> tokens.clock().instant().isBefore(end.plusSeconds(DELETION_GRACE_SECONDS)))
        .orElse(true);
  }

  private static final long DELETION_GRACE_SECONDS = 60;

  private static Map<String, List<String>> extra(Obj claims, Obj about) {
    Map<String, List<String>> extra = new LinkedHashMap<>();
    for (String kind : List.of("node", "pod")) {
      for (String part : List.of("name", "uid")) {
        String value = about.obj(kind).string(part);
        if (!value.isEmpty()) {
          extra.put(EXTRA + kind + "-" + part, List.of(value));
        }
      }
    }
    extra.put(EXTRA + "credential-id", List.of("JTI=" + claims.string("jti")));
    return extra;
  }

  private static User user(ObjectKey account, String uid, Map<String, List<String>> extra) {
    List<String> groups = new ArrayList<>(AccountNames.groups(account.namespace()));
    groups.add(AccountNames.AUTHENTICATED);
    return new User(AccountNames.user(account), uid, groups, extra);
  }

  /** A bootstrap token is good while its Secret says so. */
  private Outcome checkBootstrap(String text, List<String> wanted) {
    List<String> audiences = ofApi(wanted);
    Optional<BootstrapToken> token =
        objects
            .find(GroupResource.SECRETS, BootstrapToken.key(text.substring(0, text.indexOf('.'))))
            .filter(secret -> !Meta.of(secret).isTerminating())
            .flatMap(BootstrapToken::of)
            .filter(
                each ->
                    each.matches(text)
                        && each.serves(BootstrapToken.Usage.AUTHENTICATION)
                        && !each.isExpired(tokens.clock().instant()));
    Optional<List<String>> groups = token.flatMap(BootstrapToken::groups);
    if (token.isEmpty() || groups.isEmpty()) {
      return new Outcome.Refused("invalid bearer token");
    }
    if (audiences.isEmpty()) {
      return FOR_API_ALONE;
    }
    List<String> all = new ArrayList<>(groups.get());
    all.add(AccountNames.AUTHENTICATED);
    String user = AccountNames.BOOTSTRAP + token.get().id();
    return new Outcome.Known(new User(user, "", all, Map.of()), audiences);
  }

  private static final Outcome FOR_API_ALONE =
      new Outcome.Refused("the token is meant for the API server alone");

  /** What is wanted of whom tokens are meant for that name nobody. */
  private List<String> ofApi(List<String> wanted) {
    List<String> audiences = new ArrayList<>(wanted);
    audiences.retainAll(tokens.settings().audiences());
    return audiences;
  }

  /** A token of a Secret is good while the Secret holds it. */
  private Outcome checkLegacy(String token, Obj claims, List<String> wanted) {
    List<String> audiences = ofApi(wanted);
    if (audiences.isEmpty()) {
      return FOR_API_ALONE;
    }
    String namespace = claims.string(AccountTokens.LEGACY_CLAIM + "namespace");
    ObjectKey account =
        new ObjectKey(
            namespace, claims.string(AccountTokens.LEGACY_CLAIM + "service-account.name"));
    String uid = claims.string(AccountTokens.LEGACY_CLAIM + "service-account.uid");
    ObjectKey secretKey =
        new ObjectKey(namespace, claims.string(AccountTokens.LEGACY_CLAIM + "secret.name"));
    String held =
        objects
            .find(GroupResource.SECRETS, secretKey)
            .filter(secret -> !Meta.of(secret).isTerminating())
            .map(secret -> secret.obj("data").string("token"))
            .orElse("");
    String shown = Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.US_ASCII));
    if (!held.equals(shown)) {
      return new Outcome.Refused("service account token has been invalidated");
    }
    if (!isThere(GroupResource.SERVICE_ACCOUNTS, account, uid)) {
      return new Outcome.Refused(
          "service account " + namespace + "/" + account.name() + " has been deleted");
    }
    return new Outcome.Known(user(account, uid, Map.of()), audiences);
  }
}
