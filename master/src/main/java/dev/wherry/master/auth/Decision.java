package dev.wherry.master.auth;

/** What authorization says. */
public sealed interface Decision {
  /** The request goes on; the reason says by whose leave and may be empty. */
  record Allowed(String reason) implements Decision {}

  /** It does not; the reason may be empty. */
  record Denied(String reason) implements Decision {}

  /** May be empty. */
  String reason();

  default boolean isAllowed() {
    return this instanceof Allowed;
  }
}
