package dev.wherry.api.patch;

/** An operation that does not apply; becomes a StatusException where the patch is entered. */
final class PatchFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PatchFailure(String message) {
    super(message);
  }
}
