package dev.wherry.api.select;

import dev.wherry.api.select.LabelSelector.Requirement;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads a selector such as {@code a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1}, and says what it
 * cannot read as Kubernetes does. Confined to one thread, for one text.
 */
final class LabelSelectorParser {
  private static final String SPECIAL = "=!(),<>";
  private static final List<String> SYMBOLS =
      List.of(")", ",", "!", "==", "=", ">", "(", "<", "!=");
  private static final String OPERATORS = "in, notin, =, ==, !=, gt, lt";

  /** The end of the text. */
  private static final String END = "";

  private final List<String> tokens = new ArrayList<>();
  private int next;

  private LabelSelectorParser(String text) {
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      int end = at + 1;
      if (isSpace(c)) {
        at = end;
        continue;
      }
      if (SPECIAL.indexOf(c) >= 0) {
        while (end < text.length() && SYMBOLS.contains(text.substring(at, end + 1))) {
          end++;
        }
      } else {
        while (end < text.length() && !isSpace(text.charAt(end)) && !isSpecial(text, end)) {
          end++;
        }
      }
      tokens.add(text.substring(at, end));
      at = end;
    }
  }

  private static boolean isSpace(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
  }

  private static boolean isSpecial(String text, int at) {
    return SPECIAL.indexOf(text.charAt(at)) >= 0;
  }

  private String peek() {
    return next < tokens.size() ? tokens.get(next) : END;
  }

  private String take() {
    String token = peek();
    next++;
    return token;
  }

  private static boolean isIdentifier(String token) {
    return !token.isEmpty() && SPECIAL.indexOf(token.charAt(0)) < 0;
  }

  /**
   * The requirements, none of them where the text is blank.
   *
   * @throws IllegalArgumentException when the text is no selector
   */
  static List<Requirement> parse(String text) {
    LabelSelectorParser parser = new LabelSelectorParser(text);
    List<Requirement> requirements = new ArrayList<>();
    while (!parser.peek().equals(END)) {
      if (!parser.beginsRequirement()) {
        throw found(parser.peek(), ", expected: !, identifier, or 'end of string'");
      }
      try {
        requirements.add(parser.requirement());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("unable to parse requirement: " + e.getMessage(), e);
      }
      String separator = parser.take();
      if (separator.equals(",") && !parser.beginsRequirement()) {
        throw found(parser.peek(), ", expected: identifier after ','");
      } else if (!separator.equals(",") && !separator.equals(END)) {
        throw found(separator, ", expected: ',' or 'end of string'");
      }
    }
    return requirements;
  }

  private static IllegalArgumentException found(String token, String expected) {
    return new IllegalArgumentException("found '" + token + "'" + expected);
  }

  private boolean beginsRequirement() {
    return peek().equals("!") || isIdentifier(peek());
  }

  private Requirement requirement() {
    boolean absent = peek().equals("!");
    if (absent) {
      next++;
    }
    String key = take();
    if (!isIdentifier(key)) {
      throw found(key, ", expected: identifier");
    }
    LabelSyntax.key(key);
    if (absent) {
      return new Requirement.DoesNotExist(key);
    }
    if (peek().equals(END) || peek().equals(",")) {
      return new Requirement.Exists(key);
    }
    String operator = take();
    return switch (operator) {
      case "in" -> new Requirement.In(key, checked(key, values()));
      case "notin" -> new Requirement.NotIn(key, checked(key, values()));
      case "=", "==" -> new Requirement.In(key, checked(key, value()));
      case "!=" -> new Requirement.NotIn(key, checked(key, value()));
      case ">" -> new Requirement.GreaterThan(key, bound(key, value()));
      case "<" -> new Requirement.LessThan(key, bound(key, value()));
      default -> throw found(operator, ", expected: " + OPERATORS);
    };
  }

  private Set<String> value() {
    if (peek().equals(END) || peek().equals(",")) {
      return Set.of("");
    }
    String value = take();
    if (!isIdentifier(value)) {
      throw found(value, ", expected: identifier");
    }
    return Set.of(value);
  }

  /** Values between parentheses; between commas, and where there is none, the empty one. */
  private Set<String> values() {
    String open = take();
    if (!open.equals("(")) {
      throw found(open, " expected: '('");
    }
    Set<String> values = new TreeSet<>();
    boolean wanted = true; // a value, or the empty one
    while (true) {
      String token = take();
      if (isIdentifier(token)) {
        values.add(token);
        wanted = false;
        if (!peek().equals(",") && !peek().equals(")")) {
          throw found(peek(), ", expected: ',' or ')'");
        }
      } else if (token.equals(",") || token.equals(")")) {
        if (wanted) {
          values.add("");
        }
        if (token.equals(")")) {
          return values;
        }
        wanted = true;
      } else if (values.isEmpty()) {
        throw found(token, ", expected: ',', ')' or identifier");
      } else {
        throw found(token, ", expected: ',', or identifier");
      }
    }
  }

  private static Set<String> checked(String key, Set<String> values) {
    int index = 0;
    for (String value : values) {
      LabelSyntax.value(key, value, index++);
    }
    return values;
  }

  private static long bound(String key, Set<String> values) {
    String value = checked(key, values).iterator().next();
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "values[0]: Invalid value: \""
              + value
              + "\": for 'Gt', 'Lt' operators, the value must be an integer",
          e);
    }
  }
}
