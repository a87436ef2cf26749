package dev.wherry.master.registry.quota;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.math.BigDecimal;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/** Quantities of resources by their names, in the order of these. Immutable. */
public record Amounts(SortedMap<String, Quantity> byName) {
  public static final Amounts NONE = new Amounts(new TreeMap<>());

  private static final String[] BINARY = {"", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"};
  private static final BigDecimal STEP = BigDecimal.valueOf(1024);

  public Amounts {
    byName = Collections.unmodifiableSortedMap(new TreeMap<>(byName));
  }

  /** From a resource list; what is no quantity counts nothing: validation refuses it. */
  public static Amounts of(Obj resources) {
    SortedMap<String, Quantity> byName = new TreeMap<>();
    for (Obj.Entry each : resources) {
      byName.put(each.key(), quantity(each.value()));
    }
    return new Amounts(byName);
  }

  public static Quantity quantity(Object value) {
    try {
      return Quantity.of(value);
    } catch (IllegalArgumentException _) {
      return Quantity.ZERO; // admission comes before validation, which says what is wrong
    }
  }

  public static Amounts one(String name, long count) {
    return new Amounts(new TreeMap<>(Map.of(name, new Quantity(BigDecimal.valueOf(count)))));
  }

  public boolean isEmpty() {
    return byName.isEmpty();
  }

  public Optional<Quantity> find(String name) {
    return Optional.ofNullable(byName.get(name));
  }

  public Quantity get(String name) {
    return find(name).orElse(Quantity.ZERO);
  }

  public Amounts plus(Amounts other) {
    return merged(other, Quantity::plus);
  }

  /** Of each resource the greater. */
  public Amounts max(Amounts other) {
    return merged(other, (one, two) -> one.compareTo(two) >= 0 ? one : two);
  }

  public Amounts with(String name, Quantity amount) {
    SortedMap<String, Quantity> all = new TreeMap<>(byName);
    all.put(name, amount);
    return new Amounts(all);
  }

  private Amounts merged(Amounts other, BinaryOperator<Quantity> how) {
    if (other.isEmpty()) {
      return this;
    }
    SortedMap<String, Quantity> all = new TreeMap<>(byName);
    other.byName.forEach((name, amount) -> all.merge(name, amount, how));
    return new Amounts(all);
  }

  /** As the status of a quota has it. */
  public Obj tree() {
    Map<String, String> texts = new LinkedHashMap<>();
    byName.forEach((name, amount) -> texts.put(name, text(name, amount)));
    return Obj.of(texts);
  }

  /** {@code cpu=2,memory=1Gi}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    byName.forEach(
        (name, amount) ->
            text.append(text.isEmpty() ? "" : ",")
                .append(name)
                .append('=')
                .append(text(name, amount)));
    return text.toString();
  }

  /** Bytes with the greatest binary suffix that divides them, anything else in whole or milli. */
  public static String text(String name, Quantity amount) {
    BigDecimal value = amount.value();
    boolean whole = value.stripTrailingZeros().scale() <= 0;
    if (!whole) {
      return amount.milliCeiling() + "m";
    }
    if (!(name.contains("memory") || name.contains("storage") || name.contains("hugepages"))
        || name.endsWith("persistentvolumeclaims")
        || value.signum() == 0) {
      return value.toBigInteger().toString();
    }
    int suffix = 0;
    while (suffix < BINARY.length - 1 && value.remainder(STEP).signum() == 0) {
      value = value.divide(STEP);
      suffix++;
    }
    return value.toBigInteger() + BINARY[suffix];
  }
}
