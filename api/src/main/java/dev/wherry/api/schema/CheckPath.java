package dev.wherry.api.schema;

import java.util.Arrays;

/**
 * Where in an object a check is. Every member is pushed and popped, so a step costs no allocation;
 * texts are made when something is to be said. Confined to one thread.
 */
final class CheckPath {
  private enum Kind {
    FIELD,
    /** A key of a map, which Go's messages leave out. */
    KEY,
    INDEX
  }

  private static final int FIRST_CAPACITY = 16;

  private Kind[] kinds = new Kind[FIRST_CAPACITY];
  private String[] names = new String[FIRST_CAPACITY];
  private int[] indices = new int[FIRST_CAPACITY];
  private int depth;

  private void push(Kind kind, String name, int index) {
    if (depth == kinds.length) {
      kinds = Arrays.copyOf(kinds, 2 * depth);
      names = Arrays.copyOf(names, 2 * depth);
      indices = Arrays.copyOf(indices, 2 * depth);
    }
    kinds[depth] = kind;
    names[depth] = name;
    indices[depth] = index;
    depth++;
  }

  void push(String field) {
    push(Kind.FIELD, field, 0);
  }

  void pushKey(String key) {
    push(Kind.KEY, key, 0);
  }

  void push(int index) {
    push(Kind.INDEX, "", index);
  }

  void pop() {
    depth--;
  }

  /** {@code spec.containers[0].name}. */
  String withIndices() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      switch (kinds[i]) {
        case FIELD, KEY -> text.append(text.isEmpty() ? "" : ".").append(names[i]);
        case INDEX -> text.append('[').append(indices[i]).append(']');
      }
    }
    return text.toString();
  }

  /** {@code spec.containers.name}, as Go's JSON decoder words it. */
  String fieldsOnly() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < depth; i++) {
      if (kinds[i] == Kind.FIELD) {
        text.append(text.isEmpty() ? "" : ".").append(names[i]);
      }
    }
    return text.toString();
  }
}
