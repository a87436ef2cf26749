package dev.wherry.api.view;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** A map of resource names to quantities: requests, limits, capacity, allocatable. */
public record ResourceList(Obj tree) {
  public static final String CPU = "cpu";
  public static final String MEMORY = "memory";
  public static final String EPHEMERAL_STORAGE = "ephemeral-storage";
  public static final String PODS = "pods";

  /** What the names of huge pages begin with; the size of a page follows, {@code 2Mi}. */
  public static final String HUGE_PAGES = "hugepages-";

  public boolean isEmpty() {
    return tree.isEmpty();
  }

  /** Empty where the resource is not named. */
  public Optional<Quantity> get(String resource) {
    return tree.get(resource).map(Quantity::of);
  }

  /** 0 where it is not named. */
  public long cpuMillis() {
    return get(CPU).orElse(Quantity.ZERO).milliCeiling();
  }

  /** 0 where it is not named. */
  public long memoryBytes() {
    return get(MEMORY).orElse(Quantity.ZERO).wholeCeiling();
  }

  /** By resource name, in the order written; CPU in thousandths, everything else in whole units. */
  public Map<String, Long> amounts() {
    Map<String, Long> amounts = LinkedHashMap.newLinkedHashMap(tree.size());
    for (Obj.Entry entry : tree) {
      Quantity quantity = Quantity.of(entry.value());
      amounts.put(
          entry.key(), entry.key().equals(CPU) ? quantity.milliCeiling() : quantity.wholeCeiling());
    }
    return amounts;
  }
}
