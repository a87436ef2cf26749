package dev.wherry.agent.sync;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Reads Kubernetes' env files (Kubernetes: Define Environment Variable Values Using An Init
 * Container): {@code NAME='value'} on lines of their own, the value literal up to the next quote
 * and over several lines where it has them; empty lines and those that begin with {@code #} are
 * passed over. A value without quotes is taken to the end of its line, without the spaces around
 * it. The last of one name counts. Pure.
 */
final class EnvFile {
  static final int MAX_BYTES = 64 << 10;
  private static final int MAX_NAME = 128;
  private static final int MAX_VALUE = 32 << 10;

  private EnvFile() {}

  /**
   * @throws IllegalArgumentException with the line that is wrong
   */
  static Map<String, String> parse(String text) {
    Map<String, String> variables = new LinkedHashMap<>();
    int line = 1;
    int at = 0;
    while (at < text.length()) {
      int end = endOfLine(text, at);
      String rest = text.substring(at, end).strip();
      int begun = line;
      if (!rest.isEmpty() && !rest.startsWith("#")) {
        int equals = text.indexOf('=', at);
        if (equals < 0 || equals >= end) {
          throw new IllegalArgumentException("line " + begun + ": there is no \"=\"");
        }
        String name = text.substring(at, equals).strip();
        check(name, begun);
        String value;
        if (text.substring(equals + 1, end).stripLeading().startsWith("'")) {
          int open = text.indexOf('\'', equals);
          int close = text.indexOf('\'', open + 1);
          if (close < 0) {
            throw new IllegalArgumentException("line " + begun + ": the quote is not closed");
          }
          value = text.substring(open + 1, close);
          end = endOfLine(text, close);
          String after = text.substring(close + 1, end).strip();
          if (!after.isEmpty() && !after.startsWith("#")) {
            throw new IllegalArgumentException("line " + begun + ": something follows the quote");
          }
          line += (int) value.chars().filter(each -> each == '\n').count();
        } else {
          value = text.substring(equals + 1, end).strip();
        }
        if (value.length() > MAX_VALUE) {
          throw new IllegalArgumentException(
              "line " + begun + ": the value is longer than " + MAX_VALUE);
        }
        variables.put(name, value);
      }
      at = end + 1;
      line++;
    }
    return variables;
  }

  private static int endOfLine(String text, int from) {
    int end = text.indexOf('\n', from);
    return end < 0 ? text.length() : end;
  }

  private static void check(String name, int line) {
    boolean printable = name.chars().allMatch(each -> each > ' ' && each < 0x7f);
    if (name.isEmpty() || name.length() > MAX_NAME || !printable) {
      throw new IllegalArgumentException("line " + line + ": \"" + name + "\" is no name");
    }
  }
}
