package dev.wherry.api.patch;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/**
 * JSON patch (RFC 6902): a list of operations, applied in order, all or none. Pure.
 *
 * <p>Like Kubernetes, a patch that is no list of operations gets BadRequest, and one that does not
 * apply gets Invalid; the message says which operation and why.
 */
public final class JsonPatch {
  /** As many operations as Kubernetes takes in one patch. */
  public static final int MAX_OPERATIONS = 10_000;

  /**
   * Values that all copies of one patch may add. Copies share their subtrees here, but the object
   * that is stored would not: a copy into itself doubles it.
   */
  static final int MAX_COPIED_VALUES = 200_000;

  private static final String REJECTED =
      "the server rejected our request due to an error in our request: ";

  private int copiedValues;

  private JsonPatch() {}

  /**
   * The object after all operations.
   *
   * @param operations the list of the patch's body
   * @throws StatusException BAD_REQUEST, INVALID or REQUEST_ENTITY_TOO_LARGE
   */
  public static Obj apply(Obj current, List<?> operations) {
    if (operations.size() > MAX_OPERATIONS) {
      throw StatusException.of(
          Reason.REQUEST_ENTITY_TOO_LARGE,
          "The allowed maximum operations in a JSON patch is "
              + MAX_OPERATIONS
              + ", got "
              + operations.size());
    }
    JsonPatch patch = new JsonPatch();
    Object document = current;
    for (Object each : operations) {
      if (!(each instanceof Obj operation)) {
        throw StatusException.badRequest("a JSON patch is a list of operations, got " + each);
      }
      try {
        document = patch.step(document, operation);
      } catch (PatchFailure e) {
        throw StatusException.of(Reason.INVALID, REJECTED + e.getMessage());
      }
    }
    if (document instanceof Obj object) {
      return object;
    }
    throw StatusException.of(Reason.INVALID, REJECTED + "the patched document is no object");
  }

  private Object step(Object document, Obj operation) {
    String op = operation.string("op");
    JsonPointer path = pointer(operation, "path");
    return switch (op) {
      case "add" -> add(document, path, value(operation));
      case "remove" -> remove(document, path, op);
      case "replace" -> replace(document, path, value(operation));
      case "move" -> move(document, pointer(operation, "from"), path);
      case "copy" -> add(document, path, copied(get(document, pointer(operation, "from"), op)));
      case "test" -> test(document, path, operation.get("value").orElse(Null.NULL));
      default -> throw new PatchFailure("Unexpected kind: " + (op.isEmpty() ? "unknown" : op));
    };
  }

  private static JsonPointer pointer(Obj operation, String member) {
    if (operation.get(member).orElse(Null.NULL) instanceof String text) {
      return JsonPointer.parse(text);
    }
    throw new PatchFailure(
        operation.string("op") + " operation lacks the string member \"" + member + "\"");
  }

  private static Object value(Obj operation) {
    return operation
        .get("value")
        .orElseThrow(
            () ->
                new PatchFailure(operation.string("op") + " operation lacks the member \"value\""));
  }

  private static Object add(Object document, JsonPointer path, Object value) {
    if (path.isRoot()) {
      return value;
    }
    return change(
        document,
        path,
        0,
        "add",
        (parent, key) ->
            switch (parent) {
              case Obj object -> object.with((String) key, value);
              case List<?> list -> inserted(list, (String) key, value, path);
              default -> throw missing("add", path);
            });
  }

  private static Object remove(Object document, JsonPointer path, String op) {
    if (path.isRoot()) {
      throw missing(op, path);
    }
    return change(
        document,
        path,
        0,
        op,
        (parent, key) ->
            switch (parent) {
              case Obj object when object.has((String) key) -> object.without((String) key);
              case List<?> list -> {
                List<Object> copy = new ArrayList<>(list);
                copy.remove(index((String) key, list.size() - 1, op, path));
                yield List.copyOf(copy);
              }
              default ->
                  throw new PatchFailure(
                      op
                          + " operation does not apply: Unable to remove nonexistent key: "
                          + key
                          + ": missing value");
            });
  }

  private static Object replace(Object document, JsonPointer path, Object value) {
    if (path.isRoot()) {
      return value;
    }
    return change(
        document,
        path,
        0,
        "replace",
        (parent, key) ->
            switch (parent) {
              case Obj object when object.has((String) key) -> object.with((String) key, value);
              case List<?> list -> {
                List<Object> copy = new ArrayList<>(list);
                copy.set(index((String) key, list.size() - 1, "replace", path), value);
                yield List.copyOf(copy);
              }
              default ->
                  throw new PatchFailure(
                      "replace operation does not apply: doc is missing key: "
                          + path
                          + ": missing value");
            });
  }

  private static Object move(Object document, JsonPointer from, JsonPointer path) {
    Object value = get(document, from, "move");
    if (from.equals(path)) {
      return document;
    }
    if (from.contains(path)) {
      throw new PatchFailure("move operation does not apply: " + path + " is inside " + from);
    }
    return add(remove(document, from, "move"), path, value);
  }

  private static Object test(Object document, JsonPointer path, Object expected) {
    Object value;
    try {
      value = get(document, path, "test");
    } catch (PatchFailure e) {
      if (expected == Null.NULL) {
        return document; // as Kubernetes has it, absent equals null
      }
      throw e;
    }
    if (!equal(value, expected)) {
      throw new PatchFailure("testing value " + path + " failed: test failed");
    }
    return document;
  }

  /** Numbers compare by value: 1 equals 1.0. */
  private static boolean equal(Object one, Object other) {
    if (one instanceof Number a && other instanceof Number b) {
      return a.equals(b) || a.doubleValue() == b.doubleValue() && a.longValue() == b.longValue();
    }
    if (one instanceof List<?> a && other instanceof List<?> b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (int i = 0; i < a.size(); i++) {
        if (!equal(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (one instanceof Obj a && other instanceof Obj b) {
      if (a.size() != b.size()) {
        return false;
      }
      for (Obj.Entry entry : a) {
        Object value = b.get(entry.key()).orElse(entry);
        if (!equal(entry.value(), value)) {
          return false;
        }
      }
      return true;
    }
    return one.equals(other);
  }

  private Object copied(Object value) {
    copiedValues += values(value, MAX_COPIED_VALUES - copiedValues);
    if (copiedValues >= MAX_COPIED_VALUES) {
      throw new PatchFailure("copy operation does not apply: too much is copied");
    }
    return value;
  }

  /** How many values the tree has, counted no further than the bound. */
  private static int values(Object value, int bound) {
    int count = 1;
    if (value instanceof Obj object) {
      for (int i = 0; i < object.size() && count < bound; i++) {
        count += values(object.valueAt(i), bound - count);
      }
    } else if (value instanceof List<?> list) {
      for (int i = 0; i < list.size() && count < bound; i++) {
        count += values(list.get(i), bound - count);
      }
    }
    return count;
  }

  private static Object get(Object document, JsonPointer path, String op) {
    Object value = document;
    for (String step : path.steps()) {
      value =
          switch (value) {
            case Obj object -> object.get(step).orElseThrow(() -> missing(op, path));
            case List<?> list -> list.get(index(step, list.size() - 1, op, path));
            default -> throw missing(op, path);
          };
    }
    return value;
  }

  /** The document with the parent of the path's last step changed. */
  private static Object change(
      Object value, JsonPointer path, int depth, String op, BinaryOperator<Object> change) {
    String step = path.steps().get(depth);
    if (depth == path.steps().size() - 1) {
      return change.apply(value, step);
    }
    return switch (value) {
      case Obj object -> {
        Object child = object.get(step).orElseThrow(() -> missing(op, path));
        yield object.with(step, change(child, path, depth + 1, op, change));
      }
      case List<?> list -> {
        int index = index(step, list.size() - 1, op, path);
        List<Object> copy = new ArrayList<>(list);
        copy.set(index, change(list.get(index), path, depth + 1, op, change));
        yield List.copyOf(copy);
      }
      default -> throw missing(op, path);
    };
  }

  private static List<Object> inserted(List<?> list, String key, Object value, JsonPointer path) {
    List<Object> copy = new ArrayList<>(list);
    if (key.equals("-")) {
      copy.add(value);
    } else {
      copy.add(index(key, list.size(), "add", path), value);
    }
    return List.copyOf(copy);
  }

  private static int index(String step, int last, String op, JsonPointer path) {
    boolean number = step.matches("0|-?[1-9]\\d{0,8}");
    int index = number ? Integer.parseInt(step) : -1;
    if (!number) {
      throw new PatchFailure(
          op + " operation does not apply: " + step + " in " + path + " is no index of a list");
    }
    int size = op.equals("add") ? last : last + 1;
    int absolute = index < 0 ? index + size : index; // Kubernetes counts negative ones from the end
    if (absolute < 0 || absolute > last) {
      throw new PatchFailure(
          op
              + " operation does not apply: Unable to access invalid index: "
              + step
              + ": invalid index referenced");
    }
    return absolute;
  }

  private static PatchFailure missing(String op, JsonPointer path) {
    return new PatchFailure(
        op + " operation does not apply: doc is missing path: \"" + path + "\": missing value");
  }
}
