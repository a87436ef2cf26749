package dev.wherry.agent.ingress;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;

/**
 * A path that is a regular expression, compared from the path's beginning on and whatever its case.
 * RE2's syntax, which has neither look-around nor references back: what a comparison costs grows
 * with the path's length and {@link #MAX_STEPS} at most, so that none holds an event loop up.
 * Immutable.
 */
final class PathExpression {
  /** How large an expression may be with its counted repetitions written out. */
  static final int MAX_STEPS = 1_000;

  private final Pattern pattern;

  private PathExpression(Pattern pattern) {
    this.pattern = pattern;
  }

  /**
   * @throws IllegalArgumentException when this is no expression, or too large a one
   */
  static PathExpression parse(String path) {
    // Before it is compiled: repetitions of repetitions would fill the memory.
    long steps = new ExpressionSize(path).steps();
    if (steps > MAX_STEPS) {
      throw new IllegalArgumentException(
          "must have at most " + MAX_STEPS + " steps with its repetitions written out");
    }
    try {
      return new PathExpression(Pattern.compile("^" + path, Pattern.CASE_INSENSITIVE));
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  boolean matches(String asked) {
    return pattern.matcher(asked).find();
  }

  /**
   * The template with {@code $1} to {@code $9} replaced by what the groups matched, {@code $0} by
   * all that did; the path itself where it does not match.
   */
  String rewrite(String asked, String template) {
    Matcher matcher = pattern.matcher(asked);
    if (!matcher.find()) {
      return asked;
    }
    StringBuilder rewritten = new StringBuilder();
    for (int i = 0; i < template.length(); i++) {
      if (isGroup(template, i)) {
        int number = template.charAt(++i) - '0';
        String text = number <= matcher.groupCount() ? matcher.group(number) : "";
        rewritten.append(text == null ? "" : text);
      } else {
        rewritten.append(template.charAt(i));
      }
    }
    return (rewritten.isEmpty() || rewritten.charAt(0) != '/' ? "/" : "") + rewritten;
  }

  /** Whether a template speaks of groups. */
  static boolean hasGroups(String template) {
    for (int i = 0; i < template.length(); i++) {
      if (isGroup(template, i)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isGroup(String template, int at) {
    return template.charAt(at) == '$'
        && at + 1 < template.length()
        && template.charAt(at + 1) >= '0'
        && template.charAt(at + 1) <= '9';
  }
}
