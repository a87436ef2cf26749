package dev.wherry.master.controllers.serviceaccount;

import dev.wherry.api.object.ObjectKey;

/**
 * How tokens come into Secrets.
 *
 * @param issuer makes them
 * @param legacy whether every account gets one, as clusters before Kubernetes 1.24 had it
 */
public record AccountSecrets(Issuer issuer, Legacy legacy) {
  /** Nobody makes tokens: the Secrets stay without. */
  public static final AccountSecrets NONE = new AccountSecrets((_, _, _) -> "", Legacy.OFF);

  /** Makes the token of an account for a Secret. */
  @FunctionalInterface
  public interface Issuer {
    String token(ObjectKey account, String accountUid, String secretName);
  }

  /** The setting {@code legacyServiceAccountTokens}. */
  public enum Legacy {
    OFF,
    ON
  }
}
