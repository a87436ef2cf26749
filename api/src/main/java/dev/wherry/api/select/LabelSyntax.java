package dev.wherry.api.select;

import java.util.regex.Pattern;

/**
 * What labels look like: keys are names with an optional DNS prefix, values are names or empty
 * (Kubernetes: Labels and Selectors, Syntax and character set). Pure.
 */
public final class LabelSyntax {
  private static final int MAX_NAME = 63;
  private static final int MAX_PREFIX = 253;
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?");
  private static final Pattern PREFIX =
      Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

  private LabelSyntax() {}

  /** Whether it is a qualified name: {@code app}, {@code example.com/app}. */
  public static boolean isKey(String text) {
    int slash = text.indexOf('/');
    String prefix = slash < 0 ? "x" : text.substring(0, slash);
    return prefix.length() <= MAX_PREFIX
        && PREFIX.matcher(prefix).matches()
        && isName(text.substring(slash + 1));
  }

  public static boolean isValue(String text) {
    return text.isEmpty() || isName(text);
  }

  private static boolean isName(String text) {
    return text.length() <= MAX_NAME && NAME.matcher(text).matches();
  }

  static String key(String text) {
    if (!isKey(text)) {
      throw new IllegalArgumentException(
          "<nil>: Invalid value: \""
              + text
              + "\": name part must consist of alphanumeric characters, '-', '_' or '.', and must"
              + " start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or"
              + " '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')");
    }
    return text;
  }

  static String value(String key, String text, int index) {
    if (!isValue(text)) {
      throw new IllegalArgumentException(
          "values["
              + index
              + "]["
              + key
              + "]: Invalid value: \""
              + text
              + "\": a valid label must be an empty string or consist of alphanumeric characters,"
              + " '-', '_' or '.', and must start and end with an alphanumeric character (e.g."
              + " 'MyValue',  or 'my_value',  or '12345', regex used for validation is"
              + " '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
    }
    return text;
  }
}
