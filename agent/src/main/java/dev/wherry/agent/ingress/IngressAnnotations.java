package dev.wherry.agent.ingress;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * An Ingress's annotations of the most common controller, by their own names so that manifests need
 * not change. An annotation is a wish: one that cannot be read is not fulfilled, and complained of,
 * as those are that nobody asks for. Confined to one thread.
 */
final class IngressAnnotations {
  private static final String PREFIX = "nginx.ingress.kubernetes.io/";

  /** A value is quoted up to so many characters. */
  private static final int MAX_QUOTED = 64;

  private final String namespace;
  private final Map<String, String> values = new HashMap<>();
  private final Set<String> unread;
  private final List<String> complaints = new ArrayList<>();

  private IngressAnnotations(Meta meta) {
    namespace = meta.namespace();
    meta.annotations()
        .forEach(
            (name, value) -> {
              if (name.startsWith(PREFIX)) {
                values.put(name.substring(PREFIX.length()), value);
              }
            });
    unread = new TreeSet<>(values.keySet());
  }

  static IngressAnnotations of(Obj ingress) {
    return new IngressAnnotations(Meta.of(ingress));
  }

  /** The value without spaces around it; empty: there is none. */
  String text(String name) {
    unread.remove(name);
    return values.getOrDefault(name, "").strip();
  }

  boolean has(String name) {
    return !text(name).isEmpty();
  }

  /** {@code "true"} or {@code "false"}, {@code "on"} or {@code "off"}. */
  boolean flag(String name, boolean otherwise) {
    return switch (text(name).toLowerCase(Locale.ROOT)) {
      case "" -> otherwise;
      case "true", "t", "1", "on" -> true;
      case "false", "f", "0", "off" -> false;
      default -> {
        complain(name, "must be \"true\" or \"false\"");
        yield otherwise;
      }
    };
  }

  /** A whole number of {@code [least, most]}. */
  long number(String name, long least, long most, long otherwise) {
    String text = text(name);
    if (text.isEmpty()) {
      return otherwise;
    }
    try {
      long number = Long.parseLong(text);
      if (number >= least && number <= most) {
        return number;
      }
    } catch (NumberFormatException _) {
      // complained of below
    }
    complain(name, "must be a number between " + least + " and " + most);
    return otherwise;
  }

  /** {@code 8m}, {@code 64k}, {@code 1g} or bytes; 0 is no bound. */
  long bytes(String name, long otherwise) {
    String text = text(name).toLowerCase(Locale.ROOT);
    if (text.isEmpty()) {
      return otherwise;
    }
    int shift =
        switch (text.charAt(text.length() - 1)) {
          case 'k' -> 10;
          case 'm' -> 20;
          case 'g' -> 30;
          default -> 0;
        };
    String digits = shift == 0 ? text : text.substring(0, text.length() - 1);
    try {
      long count = Long.parseLong(digits);
      if (count >= 0 && count <= Long.MAX_VALUE >> shift) {
        return count == 0 ? Long.MAX_VALUE : count << shift;
      }
    } catch (NumberFormatException _) {
      // complained of below
    }
    complain(name, "must be a size such as 64k, 8m or 1g");
    return otherwise;
  }

  /** What stands between commas. */
  List<String> list(String name) {
    List<String> parts = new ArrayList<>();
    for (String each : text(name).split(",", -1)) {
      if (!each.isBlank()) {
        parts.add(each.strip());
      }
    }
    return parts;
  }

  /**
   * A Secret of the Ingress's own namespace, which may stand before its name.
   *
   * @throws IllegalArgumentException when it is another namespace's: who may write Ingresses is not
   *     who may read Secrets everywhere
   */
  Optional<ObjectKey> secret(String name) {
    String text = text(name);
    int slash = text.indexOf('/');
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (slash >= 0 && !text.substring(0, slash).equals(namespace)) {
      complain(name, "must be a Secret of the Ingress's own namespace");
      throw new IllegalArgumentException("Secrets of other namespaces are not used");
    }
    return Optional.of(new ObjectKey(namespace, text.substring(slash + 1)));
  }

  /** These change nothing here: they need not be complained of. */
  void pass(Set<String> names) {
    unread.removeAll(names);
  }

  void complain(String name, String why) {
    String value = text(name);
    String shown = value.length() <= MAX_QUOTED ? value : value.substring(0, MAX_QUOTED) + "...";
    complaints.add("annotation " + PREFIX + name + ": \"" + shown + "\": " + why);
  }

  /** What cannot be read, and what nobody has asked for. */
  List<String> complaints() {
    List<String> all = new ArrayList<>(complaints);
    if (!unread.isEmpty()) {
      all.add("annotations that do nothing here: " + PREFIX + String.join(", ", unread));
    }
    return all;
  }
}
