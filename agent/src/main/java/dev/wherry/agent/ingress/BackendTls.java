package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;
import java.util.Optional;

/**
 * How an Ingress wants TLS to be spoken to its backends. Immutable.
 *
 * @param secret with {@code tls.crt} and {@code tls.key} to show to them, and {@code ca.crt} to
 *     verify them with; each may lack. Empty: nothing is shown, and what the JDK trusts is trusted
 * @param verifies whether their certificates are looked at
 * @param name that their certificates must have, and that they are asked for by (SNI); empty: the
 *     service's
 * @param sendsName whether they are asked by name although nothing depends on it
 */
record BackendTls(Optional<ObjectKey> secret, boolean verifies, String name, boolean sendsName) {
  static final BackendTls DEFAULT = new BackendTls(Optional.empty(), false, "", false);

  /**
   * The name that backends are asked for; empty: none.
   *
   * @param service what they are called where nothing else is said
   */
  String nameOf(String service) {
    boolean named = verifies || sendsName || !name.isEmpty();
    return !named ? "" : name.isEmpty() ? service : name;
  }
}
