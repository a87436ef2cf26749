package dev.wherry.api.schema;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;

/** Where in an object a check is. Confined to one thread. */
final class CheckPath {
  private sealed interface Step {
    record Field(String name) implements Step {}

    /** A key of a map, which Go's messages leave out. */
    record Key(String name) implements Step {}

    record Index(int index) implements Step {}
  }

  private final Deque<Step> steps = new ArrayDeque<>();

  void push(String field) {
    steps.addLast(new Step.Field(field));
  }

  void pushKey(String key) {
    steps.addLast(new Step.Key(key));
  }

  void push(int index) {
    steps.addLast(new Step.Index(index));
  }

  void pop() {
    steps.removeLast();
  }

  /** {@code spec.containers[0].name}. */
  String withIndices() {
    StringBuilder text = new StringBuilder();
    for (Step step : steps) {
      switch (step) {
        case Step.Field(String name) -> text.append(text.isEmpty() ? "" : ".").append(name);
        case Step.Key(String name) -> text.append(text.isEmpty() ? "" : ".").append(name);
        case Step.Index(int index) -> text.append('[').append(index).append(']');
      }
    }
    return text.toString();
  }

  /** {@code spec.containers.name}, as Go's JSON decoder words it. */
  String fieldsOnly() {
    StringBuilder text = new StringBuilder();
    for (Iterator<Step> i = steps.iterator(); i.hasNext(); ) {
      if (i.next() instanceof Step.Field(String name)) {
        text.append(text.isEmpty() ? "" : ".").append(name);
      }
    }
    return text.toString();
  }
}
