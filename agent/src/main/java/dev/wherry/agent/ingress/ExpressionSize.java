package dev.wherry.agent.ingress;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How large a regular expression becomes when its counted repetitions are written out, {@code
 * (ab){3}} as {@code ababab}. Never less than it is; for what is no expression, anything. For one
 * reading, by one thread.
 */
final class ExpressionSize {
  /** Sizes are not told apart past this. */
  private static final long MANY = Integer.MAX_VALUE;

  private static final Pattern FLAGS = Pattern.compile("\\(\\?[a-zA-Z-]+\\)");

  /** An open group: what came before its last part, and that part, which a repetition is of. */
  private static final class Group {
    private long before;
    private long last;

    void add(long steps) {
      before = Math.min(MANY, before + last);
      last = steps;
    }

    /** What is nothing by itself: a repetition behind it is of the part before it. */
    void extend(long steps) {
      last = Math.min(MANY, last + steps);
    }

    long steps() {
      return Math.min(MANY, before + last);
    }
  }

  private final String expression;
  private final Deque<Group> open = new ArrayDeque<>();
  private int at;

  ExpressionSize(String expression) {
    this.expression = expression;
    open.push(new Group());
  }

  long steps() {
    while (at < expression.length()) {
      step();
    }
    return open.stream().mapToLong(Group::steps).sum();
  }

  private Group group() {
    return open.getFirst();
  }

  private void step() {
    char c = expression.charAt(at);
    switch (c) {
      case '\\' -> escaped();
      case '[' -> skipClass();
      case '(' -> open();
      case ')' -> close();
      case '*', '+', '?' -> {
        group().extend(1);
        at++;
      }
      case '{' -> repeat();
      case '|' -> {
        group().add(2); // an empty side is a step as well
        at++;
      }
      default -> {
        group().add(1);
        at++;
      }
    }
  }

  /** A group; or flags alone, as {@code (?i)}. */
  private void open() {
    Matcher flags = FLAGS.matcher(expression).region(at, expression.length());
    if (flags.lookingAt()) {
      group().extend(1);
      at = flags.end();
    } else {
      open.push(new Group());
      at++;
    }
  }

  /** One step, or all that stands literally between {@code \Q} and {@code \E}. */
  private void escaped() {
    if (!expression.startsWith("\\Q", at)) {
      group().add(1);
      at += 2;
      return;
    }
    int end = expression.indexOf("\\E", at);
    int next = end < 0 ? expression.length() : end + 2;
    if (end == at + 2) {
      group().extend(1);
    } else {
      group().add(next - at);
    }
    at = next;
  }

  /** A class is one step; a bracket that comes first in it is one of its characters. */
  private void skipClass() {
    int i = at + 1;
    if (i < expression.length() && expression.charAt(i) == '^') {
      i++;
    }
    if (i < expression.length() && expression.charAt(i) == ']') {
      i++;
    }
    while (i < expression.length() && expression.charAt(i) != ']') {
      i += expression.charAt(i) == '\\' ? 2 : 1;
    }
    group().add(1);
    at = i + 1;
  }

  /** A group is one part of the one around it. Without one, all before counts as a group. */
  private void close() {
    long steps = open.pop().steps() + 3; // its ends are remembered, and something is in between
    if (open.isEmpty()) {
      open.push(new Group());
    }
    group().add(steps);
    at++;
  }

  /** {@code {n}}, {@code {n,}} or {@code {n,m}}; other braces are characters. */
  private void repeat() {
    int end = expression.indexOf('}', at);
    String counts = end < 0 ? "" : expression.substring(at + 1, end);
    if (!counts.matches("[0-9]{1,9}(,[0-9]{0,9})?")) {
      group().add(1);
      at++;
      return;
    }
    long most = 1;
    for (String count : counts.split(",")) {
      most = Math.max(most, Long.parseLong(count));
    }
    Group group = group();
    group.last = Math.min(MANY, (group.last + 1) * (most + 1)); // a step more each decides to go on
    at = end + 1;
  }
}
