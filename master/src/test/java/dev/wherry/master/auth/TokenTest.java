package dev.wherry.master.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SigningKeys;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenTest {
  private static final ObjectKey WEB = new ObjectKey("shop", "web");
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private final AccountTokens tokens = AccountTokens.ephemeral(() -> now);
  private final Map<String, Obj> objects = new HashMap<>();
  private final TokenCheck check = new TokenCheck(tokens, this::find);

  TokenTest() {
    put(GroupResource.SERVICE_ACCOUNTS, "shop", "web", "u1", "{}");
    put(
        GroupResource.PODS,
        "shop",
        "web-1",
        "u2",
        "{'spec':{'serviceAccountName':'web','nodeName':'n1'}}");
    put(GroupResource.NODES, "", "n1", "u3", "{}");
  }

  private void put(GroupResource resource, String namespace, String name, String uid, String json) {
    Obj metadata = Obj.of("namespace", namespace, "name", name, "uid", uid);
    objects.put(
        resource + " " + new ObjectKey(namespace, name),
        Json.read(json.replace('\'', '"')).with("metadata", metadata));
  }

  private Optional<Obj> find(GroupResource resource, ObjectKey key) {
    return Optional.ofNullable(objects.get(resource + " " + key));
  }

  private Obj request(String spec) {
    return Json.read("{\"spec\":" + spec.replace('\'', '"') + "}");
  }

  private Obj issued(String spec) {
    return tokens.answer(WEB, request(spec), this::find).obj("status");
  }

  private static final String FOR_POD =
      "{'expirationSeconds':600,'boundObjectRef':{'kind':'Pod','apiVersion':'v1','name':'web-1','uid':'u2'}}";

  private String refusal(String token) {
    return check.check(token) instanceof TokenCheck.Outcome.Refused(String reason) ? reason : "";
  }

  @Test
  void knowsWhoShowsAToken() {
    Obj status = issued(FOR_POD);
    assertThat(status.string("expirationTimestamp")).isEqualTo("2026-01-01T00:10:00Z");
    assertThat(check.check(status.string("token")))
        .isInstanceOfSatisfying(
            TokenCheck.Outcome.Known.class,
            known -> {
              User user = known.user();
              assertThat(user.name()).isEqualTo("system:serviceaccount:shop:web");
              assertThat(user.uid()).isEqualTo("u1");
              assertThat(user.groups())
                  .containsExactly(
                      "system:serviceaccounts",
                      "system:serviceaccounts:shop",
                      "system:authenticated");
              assertThat(user.extra())
                  .containsEntry("authentication.kubernetes.io/pod-name", List.of("web-1"))
                  .containsEntry("authentication.kubernetes.io/node-name", List.of("n1"));
            });
  }

  @Test
  void endsWithItsTime() {
    String token = issued(FOR_POD).string("token");
    now = now.plusSeconds(599);
    assertThat(refusal(token)).isEmpty();
    now = now.plusSeconds(1);
    assertThat(refusal(token)).isEqualTo("token has expired");
  }

  @Test
  void endsWithItsPodAndAccount() {
    String token = issued(FOR_POD).string("token");
    Obj pod = objects.remove("pods shop/web-1");
    assertThat(refusal(token)).isEqualTo("service account token has been invalidated");
    put(GroupResource.PODS, "shop", "web-1", "another", "{}");
    assertThat(refusal(token)).isEqualTo("service account token has been invalidated");
    objects.put("pods shop/web-1", pod);
    assertThat(refusal(token)).isEmpty();
    objects.remove("serviceaccounts shop/web");
    assertThat(refusal(token)).isEqualTo("service account shop/web has been deleted");
  }

  @Test
  void isForItsAudienceAlone() {
    String token = issued("{'audiences':['vault']}").string("token");
    assertThat(refusal(token)).startsWith("token audiences [\"vault\"] is invalid");
    assertThat(check.check(token, List.of("vault", "other")))
        .isInstanceOfSatisfying(
            TokenCheck.Outcome.Known.class,
            known -> assertThat(known.audiences()).containsExactly("vault"));
  }

  @Test
  void refusesWhatItDidNotSign() {
    String token = issued("{}").string("token");
    AccountTokens others = AccountTokens.ephemeral(() -> now);
    String foreign = others.answer(WEB, request("{}"), this::find).obj("status").string("token");
    String[] parts = token.split("\\.");
    String claims =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"sub\":\"system:admin\"}".getBytes(StandardCharsets.UTF_8));
    String none =
        Base64.getUrlEncoder()
            .withoutPadding()
            .encodeToString("{\"alg\":\"none\"}".getBytes(StandardCharsets.UTF_8));
    for (String bad :
        List.of(
            foreign,
            parts[0] + "." + claims + "." + parts[2],
            none + "." + parts[1] + ".",
            parts[0] + "." + parts[1],
            "",
            "...",
            "nonsense",
            token + "x")) {
      assertThat(refusal(bad)).as(bad).isEqualTo("invalid bearer token");
    }
  }

  @Test
  void volumesGetLongTokensThatAreRenewedSoon() {
    Obj status = issued(FOR_POD.replace("600", "3607"));
    assertThat(status.string("expirationTimestamp")).isEqualTo("2026-01-01T01:00:07Z");
    now = now.plusSeconds(100L * 24 * 3600);
    assertThat(refusal(status.string("token"))).isEmpty();
  }

  @Test
  void refusesOddRequests() {
    assertThatThrownBy(() -> issued("{'expirationSeconds':599}"))
        .isInstanceOf(StatusException.class)
        .hasMessageContaining("may not specify a duration less than 10 minutes");
    assertThatThrownBy(() -> issued(FOR_POD.replace("u2", "u9")))
        .hasMessageContaining("does not match the UID in record");
    put(GroupResource.PODS, "shop", "other", "u4", "{'spec':{'serviceAccountName':'default'}}");
    assertThatThrownBy(() -> issued(FOR_POD.replace("web-1", "other").replace("u2", "u4")))
        .hasMessageContaining("different serviceaccount name");
    assertThatThrownBy(
            () -> issued("{'boundObjectRef':{'kind':'Service','apiVersion':'v1','name':'x'}}"))
        .hasMessageContaining("cannot bind token to object of type v1, Kind=Service");
  }

  @Test
  void secretsHoldTokensWhileTheyAreThere() {
    String token = tokens.secretToken(WEB, "u1", "web-token");
    assertThat(refusal(token)).isEqualTo("service account token has been invalidated");
    String data = Base64.getEncoder().encodeToString(token.getBytes(StandardCharsets.US_ASCII));
    put(GroupResource.SECRETS, "shop", "web-token", "u5", "{'data':{'token':'" + data + "'}}");
    assertThat(refusal(token)).isEmpty();
    objects.remove("secrets shop/web-token");
    assertThat(refusal(token)).isEqualTo("service account token has been invalidated");
  }

  @Test
  void publishesItsKeys() {
    Obj key = tokens.keySet().objs("keys").getFirst();
    assertThat(key.string("kty")).isEqualTo("EC");
    assertThat(Base64.getUrlDecoder().decode(key.string("x"))).hasSize(32);
    assertThat(tokens.discovery("https://1.2.3.4:6443").string("jwks_uri"))
        .isEqualTo("https://1.2.3.4:6443/openid/v1/jwks");
    assertThat(SigningKeys.generate().id()).isNotEqualTo(tokens.keys().id());
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }

  private void bootstrapToken(String more) {
    String data =
        "'token-id':'%s','token-secret':'%s','usage-bootstrap-authentication':'%s'"
            .formatted(base64("abcdef"), base64("0123456789abcdef"), base64("true"));
    put(
        GroupResource.SECRETS,
        "kube-system",
        "bootstrap-token-abcdef",
        "u9",
        "{'type':'bootstrap.kubernetes.io/token','data':{" + data + more + "}}");
  }

  @Test
  void aBootstrapTokenIsAUserOfItsOwn() {
    String token = "abcdef.0123456789abcdef";
    assertThat(refusal(token)).isEqualTo("invalid bearer token");
    bootstrapToken(",'auth-extra-groups':'" + base64("system:bootstrappers:edge,") + "'");
    assertThat(check.check(token))
        .isInstanceOfSatisfying(
            TokenCheck.Outcome.Known.class,
            known -> {
              assertThat(known.user().name()).isEqualTo("system:bootstrap:abcdef");
              assertThat(known.user().groups())
                  .containsExactly(
                      "system:bootstrappers", "system:bootstrappers:edge", "system:authenticated");
            });
    assertThat(refusal("abcdef.0123456789abcdee")).isEqualTo("invalid bearer token");
    bootstrapToken(",'auth-extra-groups':'" + base64("system:masters") + "'");
    assertThat(refusal(token)).isEqualTo("invalid bearer token");
    bootstrapToken(",'expiration':'" + base64("2025-12-31T23:59:59Z") + "'");
    assertThat(refusal(token)).isEqualTo("invalid bearer token");
    bootstrapToken(",'expiration':'" + base64("soon") + "'");
    assertThat(refusal(token)).isEqualTo("invalid bearer token");
    bootstrapToken(",'usage-bootstrap-authentication':'" + base64("false") + "'");
    assertThat(refusal(token)).isEqualTo("invalid bearer token");
  }
}
