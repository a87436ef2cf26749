package dev.wherry.master.registry;

import java.util.List;

/**
 * How a create, update or patch is meant.
 *
 * @param fieldManager who writes, as managedFields names it; empty where the identity says it
 * @param dryRun whether everything is done but the writing
 * @param fieldValidation what becomes of unknown and duplicate fields
 * @param force server-side apply: take fields over from other managers
 * @param duplicates the paths of members that came twice in what the client sent
 */
public record WriteOptions(
    String fieldManager,
    boolean dryRun,
    FieldValidation fieldValidation,
    boolean force,
    List<String> duplicates) {

  /** The query parameter {@code fieldValidation}. */
  public enum FieldValidation {
    IGNORE,
    WARN,
    STRICT
  }

  public static final WriteOptions DEFAULT =
      new WriteOptions("", false, FieldValidation.IGNORE, false);

  public WriteOptions {
    duplicates = List.copyOf(duplicates);
  }

  public WriteOptions(
      String fieldManager, boolean dryRun, FieldValidation fieldValidation, boolean force) {
    this(fieldManager, dryRun, fieldValidation, force, List.of());
  }

  /** The same by this manager, where they name none. */
  public WriteOptions orBy(String manager) {
    return fieldManager.isEmpty()
        ? new WriteOptions(manager, dryRun, fieldValidation, force, duplicates)
        : this;
  }

  /** The same of a body in which these members came twice. */
  public WriteOptions withDuplicates(List<String> paths) {
    return new WriteOptions(fieldManager, dryRun, fieldValidation, force, paths);
  }

  /** The same of a body whose fields have been dealt with. */
  public WriteOptions accepted() {
    return new WriteOptions(fieldManager, dryRun, FieldValidation.IGNORE, force);
  }
}
