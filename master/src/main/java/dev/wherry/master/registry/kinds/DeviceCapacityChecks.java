package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.math.BigDecimal;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * How much of a device's capacity a request may take: one of some values, or a step of a range.
 * Pure.
 */
final class DeviceCapacityChecks {
  private static final int MAX_VALUES = 10;

  private DeviceCapacityChecks() {}

  /**
   * Checks one capacity of a device.
   *
   * @param device what has it, of which several requests may have a part or not
   */
  static void check(Obj device, Obj capacity, String path, Causes causes) {
    Optional<Quantity> whole = quantity(capacity, "value", path, causes);
    if (!capacity.has("requestPolicy")) {
      return;
    }
    String at = path + ".requestPolicy";
    Obj policy = capacity.obj("requestPolicy");
    if (!device.flag("allowMultipleAllocations")) {
      causes.forbidden(at, "allowMultipleAllocations must be true");
    } else if (!policy.list("validValues").isEmpty() && policy.has("validRange")) {
      causes.forbidden(
          at,
          "exactly one policy can be specified, cannot specify \"validValues\" and \"validRange\""
              + " at the same time");
    } else if (whole.isPresent()) {
      policy(policy, whole.get(), shown(capacity, "value"), at, causes);
    }
  }

  private static void policy(Obj policy, Quantity whole, String text, String path, Causes causes) {
    boolean values = !policy.list("validValues").isEmpty();
    if (!values && !policy.has("validRange")) {
      return;
    }
    String kind = values ? "validValues" : "validRange";
    Optional<Quantity> usual = quantity(policy, "default", path, causes);
    if (!policy.has("default")) {
      causes.required(path + ".default", "required when " + kind + " is defined");
    } else if (usual.isPresent() && values) {
      values(policy, usual.get(), whole, text, path + ".validValues", causes);
    } else if (usual.isPresent()) {
      new Range(policy, usual.get(), whole, text, path + ".validRange", causes).check();
    }
  }

  private static void values(
      Obj policy, Quantity usual, Quantity whole, String text, String path, Causes causes) {
    List<Object> values = policy.list("validValues");
    causes.ifTooMany(path, values.size(), MAX_VALUES);
    if (values.size() > MAX_VALUES) {
      return;
    }
    Set<BigDecimal> seen = new HashSet<>();
    Optional<Quantity> last = Optional.empty();
    for (int i = 0; i < values.size(); i++) {
      String at = path + "[" + i + "]";
      Optional<Quantity> value = parsed(values.get(i), at, causes);
      if (value.isEmpty()) {
        continue;
      }
      if (last.isPresent() && last.get().compareTo(value.get()) > 0) {
        causes.invalid(at, values.get(i), "values must be sorted in ascending order");
      }
      if (value.get().compareTo(whole) > 0) {
        causes.invalid(at, values.get(i), "option is larger than capacity value: " + text);
      }
      if (!seen.add(value.get().value().stripTrailingZeros())) {
        causes.duplicate(at, values.get(i));
      }
      last = value;
    }
    if (!seen.contains(usual.value().stripTrailingZeros())) {
      causes.invalid(
          path,
          shown(policy, "default"),
          "default value is not valid according to the requestPolicy");
    }
  }

  private static Optional<Quantity> quantity(Obj of, String key, String path, Causes causes) {
    return of.get(key).flatMap(value -> parsed(value, path + "." + key, causes));
  }

  private static Optional<Quantity> parsed(Object value, String path, Causes causes) {
    try {
      return Optional.of(Quantity.of(value));
    } catch (IllegalArgumentException _) {
      causes.invalid(path, value, Quantity.SYNTAX_MESSAGE);
      return Optional.empty();
    }
  }

  private static String shown(Obj of, String key) {
    return of.get(key).map(String::valueOf).orElse("");
  }

  /** From the least to the most that a request may take, in steps. */
  private record Range(
      Obj policy, Quantity usual, Quantity whole, String text, String path, Causes causes) {

    void check() {
      Obj range = policy.obj("validRange");
      if (!range.has("min")) {
        causes.required(path + ".min", "required when validRange is defined");
        return;
      }
      quantity(range, "min", path, causes).ifPresent(least -> from(range, least));
    }

    private void from(Obj range, Quantity least) {
      if (least.compareTo(whole) > 0) {
        causes.invalid(
            path + ".min", shown(range, "min"), "min is larger than capacity value: " + text);
      }
      if (usual.compareTo(least) < 0) {
        ofDefault("default is less than min: " + shown(range, "min"));
      }
      Optional<Quantity> most = quantity(range, "max", path, causes);
      most.ifPresent(each -> to(range, least, each));
      quantity(range, "step", path, causes).ifPresent(step -> by(range, least, most, step));
    }

    private void to(Obj range, Quantity least, Quantity most) {
      String max = shown(range, "max");
      if (least.compareTo(most) > 0) {
        causes.invalid(path + ".max", shown(range, "min"), "min is larger than max: " + max);
      }
      if (most.compareTo(whole) > 0) {
        causes.invalid(path + ".max", max, "max is larger than capacity value: " + text);
      }
      if (usual.compareTo(most) > 0) {
        ofDefault("default is more than max: " + max);
      }
    }

    private void by(Obj range, Quantity least, Optional<Quantity> most, Quantity step) {
      String shown = shown(range, "step");
      if (step.compareTo(Quantity.ZERO) <= 0) {
        causes.invalid(path + ".step", shown, "must be greater than zero");
        return;
      }
      Quantity first = least.plus(step);
      if (first.compareTo(whole) > 0) {
        causes.invalid(
            path + ".step",
            shown,
            "one step "
                + first.value().toPlainString()
                + " is larger than capacity value: "
                + text);
      }
      multiple(range, usual, shown(policy, "default"), least, step);
      most.ifPresent(each -> multiple(range, each, shown(range, "max"), least, step));
    }

    private void multiple(Obj range, Quantity value, String shown, Quantity least, Quantity step) {
      BigDecimal above = value.value().subtract(least.value());
      if (above.remainder(step.value()).signum() != 0) {
        causes.invalid(
            path + ".step",
            shown,
            "value is not a multiple of a given step (%s) from (%s)"
                .formatted(shown(range, "step"), shown(range, "min")));
      }
    }

    private void ofDefault(String complaint) {
      causes.invalid(path + ".default", shown(policy, "default"), complaint);
    }
  }
}
