package dev.wherry.master.registry;

/** The body of a PATCH with its kind. */
public record Patch(Kind kind, Object body) {

  /** By content type. */
  public enum Kind {
    /** RFC 6902; the body is a list. */
    JSON("application/json-patch+json"),
    /** RFC 7386. */
    MERGE("application/merge-patch+json"),
    STRATEGIC("application/strategic-merge-patch+json"),
    /** Server-side apply. */
    APPLY("application/apply-patch+yaml");

    private final String contentType;

    Kind(String contentType) {
      this.contentType = contentType;
    }

    public String contentType() {
      return contentType;
    }
  }
}
