package dev.wherry.master.controllers.serviceaccount;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** What becomes of a Secret of the type {@value #TYPE}. Pure. */
sealed interface TokenSecretPlan {
  String TYPE = "kubernetes.io/service-account-token";
  String ACCOUNT = "kubernetes.io/service-account.name";
  String ACCOUNT_UID = "kubernetes.io/service-account.uid";

  /** It is as it should be. */
  record Leave() implements TokenSecretPlan {}

  /** Its account is gone: so must the token be. */
  record Remove() implements TokenSecretPlan {}

  /** It lacks something; the token is only made where it has none. */
  record Fill(boolean needsToken) implements TokenSecretPlan {}

  static TokenSecretPlan plan(Obj secret, Optional<Obj> account, String caPem) {
    Meta meta = Meta.of(secret);
    if (!secret.string("type").equals(TYPE) || meta.isTerminating()) {
      return new Leave();
    }
    String uid = meta.annotations().getOrDefault(ACCOUNT_UID, "");
    if (account.isEmpty() || !uid.isEmpty() && !uid.equals(Meta.of(account.get()).uid())) {
      return new Remove();
    }
    boolean token = secret.obj("data").has("token");
    boolean rest =
        !uid.isEmpty()
            && secret.obj("data").string("ca.crt").equals(encoded(caPem))
            && secret.obj("data").string("namespace").equals(encoded(meta.namespace()));
    return token && rest ? new Leave() : new Fill(!token);
  }

  /** The account that the Secret is of. */
  static ObjectKey account(Obj secret) {
    Meta meta = Meta.of(secret);
    return new ObjectKey(meta.namespace(), meta.annotations().getOrDefault(ACCOUNT, ""));
  }

  /** The Secret with all that it is to hold; an empty token leaves its own. */
  static Obj filled(Obj secret, Obj account, String caPem, String token) {
    Obj data =
        secret
            .obj("data")
            .with("ca.crt", encoded(caPem))
            .with("namespace", encoded(Meta.of(secret).namespace()));
    Obj filled = secret.with("data", token.isEmpty() ? data : data.with("token", encoded(token)));
    return filled.withAt(Meta.of(account).uid(), "metadata", "annotations", ACCOUNT_UID);
  }

  private static String encoded(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
  }
}
