package dev.wherry.schemagenerator;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads messages from the Java sources that protoc generated, line by line: each field's accessors
 * in the {@code ...OrBuilder} interface carry its comment and its declaration, and the class has
 * the message's comment. Confined to one thread.
 *
 * <p>Comments are no contract, so {@link SchemaGenerator} counts what comes out.
 */
final class SourceScan {
  private static final String INTERFACE = "@@protoc_insertion_point(interface_extends:";
  private static final String TYPE = "Protobuf type {@code ";

  private final Map<String, Map<Integer, Declaration>> fields = new LinkedHashMap<>();
  private final Map<String, List<String>> comments = new HashMap<>();

  private String message = "";
  private boolean inJavadoc;
  private boolean inPre;
  private List<String> lines = new ArrayList<>();

  /** Reads one source file to its end. */
  void read(BufferedReader source) throws IOException {
    message = "";
    inJavadoc = false;
    for (String line = source.readLine(); line != null; line = source.readLine()) {
      if (inJavadoc) {
        javadoc(line);
      } else if (line.endsWith("/**")) {
        inJavadoc = true;
        inPre = false;
        lines = new ArrayList<>();
      } else if (line.equals("  }")) {
        message = "";
      } else if (line.contains(INTERFACE)) {
        int start = line.indexOf(INTERFACE) + INTERFACE.length();
        message = line.substring(start, line.indexOf(')', start));
        fields.put(message, new TreeMap<>());
      }
    }
  }

  private void javadoc(String line) {
    String text = line.strip();
    if (text.equals("*/")) {
      inJavadoc = false;
      return;
    }
    // " * text": one star and one space lead each line; what follows keeps its indentation.
    int star = line.indexOf('*');
    String content = line.length() > star + 2 ? line.substring(star + 2) : "";
    if (content.equals("<pre>")) {
      inPre = true;
    } else if (content.equals("</pre>")) {
      inPre = false;
    } else if (inPre) {
      lines.add(unescaped(content));
    } else if (content.startsWith("<code>")) {
      declaration(unescaped(content.substring(6, content.indexOf("</code>"))));
    } else if (content.startsWith(TYPE)) {
      String name = content.substring(TYPE.length(), content.indexOf('}'));
      comments.putIfAbsent(name, List.copyOf(lines));
    }
  }

  private void declaration(String text) {
    Map<Integer, Declaration> known = fields.get(message);
    if (known == null) {
      return; // a builder repeats the declarations of its interface
    }
    Declaration field = Declaration.parse(text, lines);
    known.putIfAbsent(field.number(), field);
  }

  /** protoc escapes what Javadoc would take for markup. */
  private static String unescaped(String html) {
    if (html.indexOf('&') < 0) {
      return html;
    }
    return html.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&#64;", "@")
        .replace("&#42;", "*")
        .replace("&#47;", "/")
        .replace("&#92;", "\\")
        .replace("&amp;", "&");
  }

  /** All messages read, by name. */
  List<Message> messages() {
    List<Message> messages = new ArrayList<>();
    new TreeMap<>(fields)
        .forEach(
            (name, byNumber) ->
                messages.add(
                    new Message(
                        name,
                        comments.getOrDefault(name, List.of()),
                        List.copyOf(byNumber.values()))));
    return messages;
  }
}
