package dev.wherry.api.select;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * A conjunction of requirements on labels (Kubernetes: Labels and Selectors). No requirement at all
 * selects everything. Immutable.
 */
public record LabelSelector(List<Requirement> requirements) {

  public static final LabelSelector EVERYTHING = new LabelSelector(List.of());

  /** What one label must be. */
  public sealed interface Requirement {
    boolean matches(Map<String, String> labels);

    record In(String key, Set<String> values) implements Requirement {
      @Override
      public boolean matches(Map<String, String> labels) {
        String value = labels.get(key);
        return value != null && values.contains(value);
      }
    }

    record NotIn(String key, Set<String> values) implements Requirement {
      @Override
      public boolean matches(Map<String, String> labels) {
        String value = labels.get(key);
        return value == null || !values.contains(value);
      }
    }

    record Exists(String key) implements Requirement {
      @Override
      public boolean matches(Map<String, String> labels) {
        return labels.containsKey(key);
      }
    }

    record DoesNotExist(String key) implements Requirement {
      @Override
      public boolean matches(Map<String, String> labels) {
        return !labels.containsKey(key);
      }
    }

    /**
     * Node affinity's Gt and the selector string's {@code >}: the label is an integer above the
     * bound.
     */
    record GreaterThan(String key, long bound) implements Requirement {
      @Override
      public boolean matches(Map<String, String> labels) {
        return integer(labels.get(key)).stream().anyMatch(value -> value > bound);
      }
    }

    record LessThan(String key, long bound) implements Requirement {
      @Override
      public boolean matches(Map<String, String> labels) {
        return integer(labels.get(key)).stream().anyMatch(value -> value < bound);
      }
    }
  }

  public LabelSelector {
    requirements = List.copyOf(requirements);
  }

  public boolean matches(Map<String, String> labels) {
    for (Requirement requirement : requirements) {
      if (!requirement.matches(labels)) {
        return false;
      }
    }
    return true;
  }

  public boolean isEverything() {
    return requirements.isEmpty();
  }

  /**
   * All these labels with just these values, as {@code spec.selector} of a Service and {@code
   * nodeSelector} have it.
   */
  public static LabelSelector ofLabels(Map<String, String> labels) {
    List<Requirement> requirements = new ArrayList<>();
    labels.forEach((key, value) -> requirements.add(new Requirement.In(key, Set.of(value))));
    return new LabelSelector(requirements);
  }

  /**
   * From a {@code metav1.LabelSelector}: {@code matchLabels} and {@code matchExpressions}. An empty
   * one selects everything.
   *
   * @throws IllegalArgumentException for an operator that is none
   */
  public static LabelSelector of(Obj selector) {
    List<Requirement> requirements =
        new ArrayList<>(ofLabels(selector.stringMap("matchLabels")).requirements());
    for (Obj expression : selector.objs("matchExpressions")) {
      requirements.add(requirement(expression));
    }
    return new LabelSelector(requirements);
  }

  /** One {@code matchExpressions} entry, of a label selector or of node affinity. */
  public static Requirement requirement(Obj expression) {
    String key = expression.string("key");
    List<String> values = expression.strings("values");
    return switch (expression.string("operator")) {
      case "In" -> new Requirement.In(key, new TreeSet<>(values));
      case "NotIn" -> new Requirement.NotIn(key, new TreeSet<>(values));
      case "Exists" -> new Requirement.Exists(key);
      case "DoesNotExist" -> new Requirement.DoesNotExist(key);
      case "Gt" -> new Requirement.GreaterThan(key, bound(values));
      case "Lt" -> new Requirement.LessThan(key, bound(values));
      default ->
          throw new IllegalArgumentException(
              "\"" + expression.string("operator") + "\" is not a valid label selector operator");
    };
  }

  private static long bound(List<String> values) {
    if (values.size() != 1) {
      throw new IllegalArgumentException("for 'Gt', 'Lt' operators, exactly one value is required");
    }
    try {
      return Long.parseLong(values.getFirst());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "for 'Gt', 'Lt' operators, the value must be an integer", e);
    }
  }

  private static List<Long> integer(@org.jspecify.annotations.Nullable String text) {
    try {
      return text == null ? List.of() : List.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      return List.of(); // a label that is no integer is neither above nor below
    }
  }

  /**
   * From the query parameter {@code labelSelector}: {@code a=b,c!=d,e in (f,g),h notin
   * (i),j,!k,l>1}.
   *
   * @throws IllegalArgumentException when the text cannot be parsed; the message says which
   */
  public static LabelSelector parse(String text) {
    List<Requirement> requirements = LabelSelectorParser.parse(text);
    return requirements.isEmpty() ? EVERYTHING : new LabelSelector(requirements);
  }
}
