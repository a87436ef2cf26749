package dev.wherry.api.schema;

/** A value that its type cannot hold; becomes a StatusException where the check is entered. */
final class DecodeFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DecodeFailure(String message) {
    super(message);
  }
}
