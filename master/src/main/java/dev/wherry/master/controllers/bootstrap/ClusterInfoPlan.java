package dev.wherry.master.controllers.bootstrap;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.BootstrapToken;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What the config map {@code cluster-info} says: the kubeconfig, and for each token a signature of
 * it by which who has the token knows that the cluster wrote it (a JWS by HS256 without its
 * content, RFC 7515 appendix F). Pure.
 */
final class ClusterInfoPlan {
  static final String KUBECONFIG = "kubeconfig";
  static final String SIGNATURE = "jws-kubeconfig-";
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();

  private ClusterInfoPlan() {}

  /** The map's data with the signatures by these tokens, and by no others. */
  static Obj data(Obj data, List<BootstrapToken> tokens) {
    Map<String, Object> wanted = new TreeMap<>();
    for (Obj.Entry each : data) {
      if (!each.key().startsWith(SIGNATURE)) {
        wanted.put(each.key(), each.value());
      }
    }
    String kubeconfig = data.string(KUBECONFIG);
    if (!kubeconfig.isEmpty()) {
      tokens.forEach(each -> wanted.put(SIGNATURE + each.id(), signature(kubeconfig, each)));
    }
    return Obj.of(wanted);
  }

  private static String signature(String content, BootstrapToken token) {
    String header = base64(Json.write(Obj.of("alg", "HS256", "kid", token.id())));
    String signed = header + "." + base64(content.getBytes(StandardCharsets.UTF_8));
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(token.secret().getBytes(StandardCharsets.US_ASCII), "HmacSHA256"));
      return header + ".." + base64(mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has HmacSHA256", e);
    }
  }

  private static String base64(byte[] bytes) {
    return ENCODER.encodeToString(bytes);
  }
}
