package dev.wherry.master.registry.ownership;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A set of fields of an object, as {@code FieldsV1} writes it: steps are {@code f:NAME}, {@code
 * k:{KEYS}} for an item of a list with keys and {@code v:VALUE} for a member of a set.
 *
 * @param member whether the field at this place itself belongs to the set
 * @param children by step, sorted; none of them is empty
 */
record FieldSet(boolean member, Map<String, FieldSet> children) {
  static final FieldSet EMPTY = new FieldSet(false, Map.of());
  static final FieldSet LEAF = new FieldSet(true, Map.of());
  private static final String SELF = ".";

  FieldSet {
    children = Collections.unmodifiableMap(new TreeMap<>(children));
  }

  boolean isEmpty() {
    return !member && children.isEmpty();
  }

  FieldSet child(String step) {
    return children.getOrDefault(step, EMPTY);
  }

  FieldSet with(String step, FieldSet child) {
    Map<String, FieldSet> copy = new TreeMap<>(children);
    if (child.isEmpty()) {
      copy.remove(step);
    } else {
      copy.put(step, child);
    }
    return new FieldSet(member, copy);
  }

  FieldSet union(FieldSet other) {
    Map<String, FieldSet> all = new TreeMap<>(children);
    other.children.forEach((step, child) -> all.merge(step, child, FieldSet::union));
    return new FieldSet(member || other.member, all);
  }

  FieldSet minus(FieldSet other) {
    Map<String, FieldSet> rest = new TreeMap<>();
    children.forEach(
        (step, child) -> {
          FieldSet left = child.minus(other.child(step));
          if (!left.isEmpty()) {
            rest.put(step, left);
          }
        });
    return new FieldSet(member && !other.member, rest);
  }

  FieldSet intersection(FieldSet other) {
    Map<String, FieldSet> common = new TreeMap<>();
    children.forEach(
        (step, child) -> {
          FieldSet both = child.intersection(other.child(step));
          if (!both.isEmpty()) {
            common.put(step, both);
          }
        });
    return new FieldSet(member && other.member, common);
  }

  /** The {@code fieldsV1} object. */
  Obj toFieldsV1() {
    Obj.Builder fields = Obj.builder();
    if (member && !children.isEmpty()) {
      fields.put(SELF, Obj.EMPTY);
    }
    children.forEach((step, child) -> fields.put(step, child.toFieldsV1()));
    return fields.build();
  }

  /** From a {@code fieldsV1} object; an empty object below the root is a field itself. */
  static FieldSet ofFieldsV1(Obj fields) {
    Map<String, FieldSet> children = new TreeMap<>();
    for (Obj.Entry entry : fields) {
      if (!entry.key().equals(SELF) && entry.value() instanceof Obj child) {
        children.put(entry.key(), child.isEmpty() ? LEAF : ofFieldsV1(child));
      }
    }
    return new FieldSet(fields.has(SELF), children);
  }

  /** The fields as Kubernetes' messages name them, such as {@code .spec.replicas}. */
  List<String> paths() {
    List<String> paths = new ArrayList<>();
    collect("", paths);
    return paths;
  }

  private void collect(String path, List<String> paths) {
    if (member) {
      paths.add(path);
    }
    children.forEach((step, child) -> child.collect(path + text(step), paths));
  }

  private static String text(String step) {
    String rest = step.substring(2);
    return switch (step.charAt(0)) {
      case 'f' -> "." + rest;
      case 'k' -> "[" + keys(rest) + "]";
      default -> "[=" + rest + "]";
    };
  }

  private static String keys(String json) {
    List<String> terms = new ArrayList<>();
    for (Obj.Entry key : Json.read(json)) {
      terms.add(key.key() + "=" + Json.text(key.value()));
    }
    return String.join(",", terms);
  }
}
