package dev.wherry.schemagenerator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The hand-kept facts about the API; the file itself says which. It remembers which of them were
 * used, so that {@link #unused} can name the rest. Confined to one thread.
 */
final class Corrections {
  private final Map<String, String> facts = new LinkedHashMap<>();
  private final Set<String> used = new HashSet<>();

  static Corrections read(Path file) throws IOException {
    return parse(Files.readAllLines(file));
  }

  static Corrections parse(List<String> lines) {
    Corrections corrections = new Corrections();
    for (String line : lines) {
      if (!line.isBlank() && !line.startsWith("#")) {
        corrections.add(line.strip().split("\\s+"));
      }
    }
    return corrections;
  }

  private void add(String[] words) {
    switch (words[0]) {
      case "package", "rename", "form" -> put(words[0], words[1], words[2]);
      case "enum" ->
          put(words[0], words[1], String.join(" ", Arrays.asList(words).subList(2, words.length)));
      case "kind", "nokind", "inline", "pointer", "value", "optional" -> {
        for (int i = 1; i < words.length; i++) {
          put(words[0], words[i], "");
        }
      }
      default -> throw new IllegalArgumentException("no such correction: " + words[0]);
    }
  }

  private void put(String verb, String subject, String value) {
    if (facts.put(verb + " " + subject, value) != null) {
      throw new IllegalArgumentException("given twice: " + verb + " " + subject);
    }
  }

  private List<String> find(String key) {
    String value = facts.get(key);
    if (value == null) {
      return List.of();
    }
    used.add(key);
    return List.of(value);
  }

  private boolean has(String verb, String subject) {
    return !find(verb + " " + subject).isEmpty();
  }

  /** The apiVersion of a package's kinds, or the empty string. */
  String apiVersion(String packageName) {
    return first(find("package " + packageName));
  }

  boolean isKind(Message message, boolean hasMetadata) {
    return has("kind", message.simpleName()) || hasMetadata && !has("nokind", message.simpleName());
  }

  /** The form's name, or the empty string for an ordinary object. */
  String form(Message message) {
    return first(find("form " + message.simpleName()));
  }

  boolean isInline(Message message, Declaration field) {
    return has("inline", path(message, field));
  }

  boolean isPointer(Message message, Declaration field) {
    return has("pointer", path(message, field));
  }

  boolean isValue(Message message, Declaration field) {
    return has("value", path(message, field)) || has("value", "*." + field.name());
  }

  boolean isRequired(Message message, Declaration field) {
    if (field.isMarked("required") || field.isMarked("k8s:required")) {
      return true;
    }
    boolean optional = field.isMarked("optional") || field.isMarked("k8s:optional");
    return !optional
        && !has("optional", path(message, field))
        && !has("optional", message.simpleName() + ".*");
  }

  String jsonName(Message message, Declaration field) {
    for (String name : find("rename " + path(message, field))) {
      return name;
    }
    for (String name : find("rename *." + field.name())) {
      return name;
    }
    return field.name();
  }

  List<String> enumValues(Message message, Declaration field) {
    String values = first(find("enum " + path(message, field)));
    return values.isEmpty() ? List.of() : List.of(values.split(" "));
  }

  /** Facts that nothing asked for. */
  List<String> unused() {
    List<String> unused = new ArrayList<>(facts.keySet());
    unused.removeAll(used);
    return unused;
  }

  private static String path(Message message, Declaration field) {
    return message.simpleName() + "." + field.name();
  }

  private static String first(List<String> values) {
    return values.isEmpty() ? "" : values.get(0);
  }
}
