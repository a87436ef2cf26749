package dev.wherry.master.registry;

import dev.wherry.api.tree.Obj;
import java.time.Instant;

/**
 * A column of a server-side table (metav1.TableColumnDefinition).
 *
 * @param type {@code string}, {@code integer} or {@code number}
 * @param format {@code name} for the column that identifies the row, else empty
 * @param priority 0 is always shown, above that in {@code -o wide}
 */
public record Column(
    String name, String type, String format, String description, int priority, Cell cell) {

  /** What stands in the column for an object; a string, a long or a double. Pure. */
  @FunctionalInterface
  public interface Cell {
    Object value(Obj object, Instant now);
  }

  /** The first column of every table. */
  public static final Column NAME =
      new Column(
          "Name",
          "string",
          "name",
          "Name must be unique within a namespace.",
          0,
          (object, _) -> object.obj("metadata").string("name"));

  /** How long ago the object was made. */
  public static final Column AGE =
      new Column(
          "Age",
          "string",
          "",
          "CreationTimestamp is a timestamp representing the server time when this object was"
              + " created.",
          0,
          (object, now) ->
              Durations.since(object.obj("metadata").string("creationTimestamp"), now));

  public Column withPriority(int other) {
    return new Column(name, type, format, description, other, cell);
  }

  /** The same column with other contents, such as a name with a remark. */
  public Column withCell(Cell other) {
    return new Column(name, type, format, description, priority, other);
  }

  public static Column text(String name, Cell cell) {
    return new Column(name, "string", "", name, 0, cell);
  }

  public static Column number(String name, Cell cell) {
    return new Column(name, "integer", "", name, 0, cell);
  }

  /** A column that {@code -o wide} alone shows. */
  public static Column wide(String name, Cell cell) {
    return new Column(name, "string", "", name, 1, cell);
  }
}
