package dev.wherry.master.auth;

/** What authorization says. */
public sealed interface Decision {
  /** The request goes on. */
  record Allowed() implements Decision {}

  /** It does not; the reason may be empty. */
  record Denied(String reason) implements Decision {}
}
