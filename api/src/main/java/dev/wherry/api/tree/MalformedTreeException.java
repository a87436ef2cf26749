package dev.wherry.api.tree;

/**
 * Bytes that are no JSON or Smile tree, or one past the bounds of {@link TreeReader}; the message
 * says where.
 */
public final class MalformedTreeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public MalformedTreeException(String message) {
    super(message);
  }
}
