package dev.wherry.master.auth;

import java.util.List;

/**
 * How service account tokens are made.
 *
 * @param issuer who signs: the {@code iss} of tokens and the place of OIDC discovery
 * @param audiences whom tokens are meant for when nothing is asked, and who the API server is
 */
public record TokenSettings(String issuer, List<String> audiences) {
  /** As clusters have it whose domain is {@code cluster.local}. */
  public static final TokenSettings DEFAULT =
      new TokenSettings(
          "https://kubernetes.default.svc.cluster.local",
          List.of("https://kubernetes.default.svc.cluster.local"));

  public TokenSettings {
    audiences = List.copyOf(audiences);
  }
}
