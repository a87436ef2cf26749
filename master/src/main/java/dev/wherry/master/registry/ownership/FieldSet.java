package dev.wherry.master.registry.ownership;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A set of fields of an object, as {@code FieldsV1} writes it: steps are {@code f:NAME}, {@code
 * k:{KEYS}} for an item of a list with keys and {@code v:VALUE} for a member of a set. Two flat
 * arrays hold the steps, sorted, and what is below each: every write of an object reads, compares
 * and writes several sets. Immutable.
 */
final class FieldSet {
  private static final String[] NO_STEPS = {};
  private static final FieldSet[] NO_CHILDREN = {};
  static final FieldSet EMPTY = new FieldSet(false, NO_STEPS, NO_CHILDREN, Obj.EMPTY);
  static final FieldSet LEAF = new FieldSet(true, NO_STEPS, NO_CHILDREN, Obj.EMPTY);
  private static final String SELF = ".";

  private final boolean member;
  private final String[] steps;
  private final FieldSet[] children;

  /** What the set was read from; empty where it was not. */
  private final Obj source;

  private FieldSet(boolean member, String[] steps, FieldSet[] children, Obj source) {
    this.member = member;
    this.steps = steps;
    this.children = children;
    this.source = source;
  }

  /** The set of these, none of which is empty, and of the field at this place itself. */
  static FieldSet withSelfOf(SortedMap<String, FieldSet> children) {
    return children.isEmpty()
        ? LEAF
        : new FieldSet(
            true,
            children.keySet().toArray(NO_STEPS),
            children.values().toArray(NO_CHILDREN),
            Obj.EMPTY);
  }

  /** The set of these, none of which is empty. */
  static FieldSet of(SortedMap<String, FieldSet> children) {
    return children.isEmpty()
        ? EMPTY
        : new FieldSet(
            false,
            children.keySet().toArray(NO_STEPS),
            children.values().toArray(NO_CHILDREN),
            Obj.EMPTY);
  }

  /** The set with the field at this place itself. */
  FieldSet withSelf() {
    return member ? this : new FieldSet(true, steps, children, Obj.EMPTY);
  }

  /** Whether the field at this place itself belongs to the set. */
  boolean member() {
    return member;
  }

  boolean isEmpty() {
    return !member && steps.length == 0;
  }

  FieldSet child(String step) {
    int place = Arrays.binarySearch(steps, step);
    return place < 0 ? EMPTY : children[place];
  }

  /** This set itself where it has all of the other. */
  @SuppressWarnings("ReferenceEquality")
  FieldSet union(FieldSet other) {
    if (other == this || other.minus(this).isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    Sum sum = new Sum(steps.length + other.steps.length);
    int mine = 0;
    int its = 0;
    while (mine < steps.length || its < other.steps.length) {
      int order = order(mine, other, its);
      if (order < 0) {
        sum.add(steps[mine], children[mine]);
      } else if (order > 0) {
        sum.add(other.steps[its], other.children[its]);
      } else {
        sum.add(steps[mine], children[mine].union(other.children[its]));
      }
      mine += order <= 0 ? 1 : 0;
      its += order >= 0 ? 1 : 0;
    }
    return sum.set(member || other.member);
  }

  /** Which of two places comes first; one behind the end comes last. */
  private int order(int mine, FieldSet other, int its) {
    if (mine == steps.length) {
      return 1;
    }
    return its == other.steps.length ? -1 : steps[mine].compareTo(other.steps[its]);
  }

  /** This set itself where it has none of the others. */
  @SuppressWarnings("ReferenceEquality")
  FieldSet minus(FieldSet other) {
    if (other.isEmpty()) {
      return this;
    }
    Sum rest = new Sum(steps.length);
    boolean same = !(member && other.member);
    for (int i = 0; i < steps.length; i++) {
      FieldSet left = children[i].minus(other.child(steps[i]));
      same &= left == children[i];
      rest.add(steps[i], left);
    }
    return same ? this : rest.set(member && !other.member);
  }

  FieldSet intersection(FieldSet other) {
    Sum common = new Sum(Math.min(steps.length, other.steps.length));
    for (int i = 0; i < steps.length && !other.isEmpty(); i++) {
      common.add(steps[i], children[i].intersection(other.child(steps[i])));
    }
    return common.set(member && other.member);
  }

  /** A set that is being made, its steps in order. Confined to one thread. */
  private static final class Sum {
    private final String[] steps;
    private final FieldSet[] children;
    private int size;

    Sum(int most) {
      steps = new String[most];
      children = new FieldSet[most];
    }

    void add(String step, FieldSet child) {
      if (!child.isEmpty()) {
        steps[size] = step;
        children[size++] = child;
      }
    }

    FieldSet set(boolean member) {
      if (size == 0) {
        return member ? LEAF : EMPTY;
      }
      return new FieldSet(
          member, Arrays.copyOf(steps, size), Arrays.copyOf(children, size), Obj.EMPTY);
    }
  }

  /** The {@code fieldsV1} object. */
  Obj toFieldsV1() {
    if (steps.length == 0 || !source.isEmpty()) {
      return source;
    }
    Obj.Builder fields = Obj.builder();
    if (member) {
      fields.put(SELF, Obj.EMPTY);
    }
    for (int i = 0; i < steps.length; i++) {
      fields.put(steps[i], children[i].toFieldsV1());
    }
    return FieldsPool.pooled(fields.build());
  }

  /** From a {@code fieldsV1} object; an empty object below the root is a field itself. */
  static FieldSet ofFieldsV1(Obj fields) {
    boolean self = false;
    String[] steps = new String[fields.size()];
    FieldSet[] children = new FieldSet[fields.size()];
    int size = 0;
    for (int i = 0; i < fields.size(); i++) {
      String step = fields.keyAt(i);
      if (step.equals(SELF)) {
        self = true;
      } else if (fields.valueAt(i) instanceof Obj child) {
        if (size > 0 && steps[size - 1].compareTo(step) >= 0) {
          return ofUnsorted(fields);
        }
        steps[size] = step;
        children[size++] = child.isEmpty() ? LEAF : ofFieldsV1(child);
      }
    }
    return new FieldSet(self, Arrays.copyOf(steps, size), Arrays.copyOf(children, size), fields);
  }

  private static FieldSet ofUnsorted(Obj fields) {
    TreeMap<String, FieldSet> children = new TreeMap<>();
    for (Obj.Entry entry : fields) {
      if (!entry.key().equals(SELF) && entry.value() instanceof Obj child) {
        children.put(entry.key(), child.isEmpty() ? LEAF : ofFieldsV1(child));
      }
    }
    FieldSet set = of(children);
    return fields.has(SELF) ? set.withSelf() : set;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldSet set
        && member == set.member
        && Arrays.equals(steps, set.steps)
        && Arrays.equals(children, set.children);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(steps) + Arrays.hashCode(children) + (member ? 1 : 0);
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
    for (int i = 0; i < steps.length; i++) {
      children[i].collect(path + text(steps[i]), paths);
    }
  }

  /** The step as paths have it. */
  static String text(String step) {
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
