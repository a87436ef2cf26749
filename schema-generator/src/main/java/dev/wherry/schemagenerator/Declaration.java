package dev.wherry.schemagenerator;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One field of a message as its Javadoc declares it, such as {@code optional int32 replicas = 1;}.
 *
 * @param name in the protobuf file
 * @param number on the wire
 * @param type a scalar's name, or a message's full name with a leading dot
 * @param comment the lines of the description with their {@code +markers}
 */
record Declaration(String name, int number, Shape shape, String type, List<String> comment) {

  /** How often the value comes. */
  enum Shape {
    SINGLE,
    LIST,
    MAP
  }

  private static final Pattern SYNTAX =
      Pattern.compile(
          "(?:(optional|required|repeated)\\s+([\\w.]+)|map<string,\\s*([\\w.]+)>)\\s+(\\w+)\\s*=\\s*(\\d+)"
              + "(?:\\s*\\[.*])?;");

  static Declaration parse(String text, List<String> comment) {
    Matcher matcher = SYNTAX.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("no declaration of a field: " + text);
    }
    String name = matcher.group(4);
    int number = Integer.parseInt(matcher.group(5));
    if (matcher.group(3) != null) {
      return new Declaration(name, number, Shape.MAP, matcher.group(3), List.copyOf(comment));
    }
    Shape shape = matcher.group(1).equals("repeated") ? Shape.LIST : Shape.SINGLE;
    return new Declaration(name, number, shape, matcher.group(2), List.copyOf(comment));
  }

  /** Whether the comment has this marker, alone on its line. */
  boolean isMarked(String marker) {
    return comment.contains("+" + marker);
  }

  /** The values of this marker, such as {@code name} of {@code +patchMergeKey=name}. */
  List<String> marked(String marker) {
    return Comment.marked(comment, marker);
  }

  String description() {
    return Comment.description(comment);
  }

  /** Lines of a comment. */
  static final class Comment {
    private Comment() {}

    static List<String> marked(List<String> comment, String marker) {
      String start = "+" + marker + "=";
      List<String> values = new ArrayList<>();
      for (String line : comment) {
        if (line.startsWith(start)) {
          values.add(line.substring(start.length()).strip());
        }
      }
      return values;
    }

    /**
     * What a user reads: no markers, nothing behind a line of dashes, lines joined to paragraphs.
     */
    static String description(List<String> comment) {
      StringBuilder text = new StringBuilder();
      boolean joins = false;
      for (String line : comment) {
        if (line.equals("---")) {
          break;
        }
        if (line.startsWith("+") || line.startsWith("TODO")) {
          continue;
        }
        if (line.isBlank()) {
          joins = false;
          continue;
        }
        boolean indented = Character.isWhitespace(line.charAt(0)) || line.startsWith("- ");
        if (!text.isEmpty()) {
          text.append(joins ? (indented ? "\n" : " ") : "\n\n");
        }
        text.append(line.stripTrailing());
        joins = true;
      }
      return text.toString();
    }
  }
}
