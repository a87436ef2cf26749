package dev.wherry.master.registry;

/**
 * How a create, update or patch is meant.
 *
 * @param fieldManager who writes; may be empty
 * @param dryRun whether everything is done but the writing
 * @param fieldValidation what becomes of unknown and duplicate fields
 * @param force server-side apply: take fields over from other managers
 */
public record WriteOptions(
    String fieldManager, boolean dryRun, FieldValidation fieldValidation, boolean force) {

  /** The query parameter {@code fieldValidation}. */
  public enum FieldValidation {
    IGNORE,
    WARN,
    STRICT
  }

  public static final WriteOptions DEFAULT =
      new WriteOptions("", false, FieldValidation.IGNORE, false);
}
