package dev.wherry.master.registry;

import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * A conjunction of requirements on fields, such as {@code metadata.name=x,spec.nodeName!=y}
 * (Kubernetes: Field Selectors). Immutable.
 */
final class FieldSelector {
  private static final FieldSelector EVERYTHING = new FieldSelector(List.of());

  private record Requirement(Function<Obj, String> field, String value, Relation relation) {
    boolean matches(Obj object) {
      return field.apply(object).equals(value) == (relation == Relation.EQUAL);
    }
  }

  private enum Relation {
    EQUAL,
    UNEQUAL
  }

  private final List<Requirement> requirements;

  private FieldSelector(List<Requirement> requirements) {
    this.requirements = requirements;
  }

  /**
   * Parses the query text.
   *
   * @throws StatusException BAD_REQUEST for a text that is none or a field that cannot be selected
   */
  static FieldSelector parse(String text, ResourceDefinition definition) {
    if (text.isBlank()) {
      return EVERYTHING;
    }
    List<Requirement> requirements = new ArrayList<>();
    for (String term : terms(text)) {
      if (!term.isBlank()) {
        requirements.add(requirement(term, text, definition));
      }
    }
    return new FieldSelector(List.copyOf(requirements));
  }

  boolean matches(Obj object) {
    for (Requirement requirement : requirements) {
      if (!requirement.matches(object)) {
        return false;
      }
    }
    return true;
  }

  boolean isEverything() {
    return requirements.isEmpty();
  }

  /** Splits at commas that no backslash precedes. */
  private static List<String> terms(String text) {
    List<String> terms = new ArrayList<>();
    int start = 0;
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '\\') {
        i++;
      } else if (text.charAt(i) == ',') {
        terms.add(text.substring(start, i));
        start = i + 1;
      }
    }
    terms.add(text.substring(start));
    return terms;
  }

  private static Requirement requirement(String term, String text, ResourceDefinition definition) {
    int equals = term.indexOf('=');
    if (equals <= 0) {
      throw StatusException.badRequest(
          "invalid selector: '" + text + "'; can't understand '" + term + "'");
    }
    Relation relation = term.charAt(equals - 1) == '!' ? Relation.UNEQUAL : Relation.EQUAL;
    String name = term.substring(0, relation == Relation.UNEQUAL ? equals - 1 : equals).strip();
    int value =
        equals + 1 < term.length() && term.charAt(equals + 1) == '=' ? equals + 2 : equals + 1;
    return new Requirement(field(name, definition), unescaped(term.substring(value)), relation);
  }

  private static Function<Obj, String> field(String name, ResourceDefinition definition) {
    if (name.equals("metadata.name")) {
      return object -> object.obj("metadata").string("name");
    }
    if (name.equals("metadata.namespace") && definition.isNamespaced()) {
      return object -> object.obj("metadata").string("namespace");
    }
    Function<Obj, String> field = definition.fields().get(name);
    if (field == null) {
      throw StatusException.badRequest(
          definition.fields().isEmpty()
              ? "\""
                  + name
                  + "\" is not a known field selector: only \"metadata.name\","
                  + " \"metadata.namespace\""
              : "field label not supported: " + name);
    }
    return field;
  }

  private static String unescaped(String value) {
    return value.indexOf('\\') < 0 ? value : value.replaceAll("\\\\(.)", "$1");
  }
}
