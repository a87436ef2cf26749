package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;

/**
 * A strategy put together from functions, for kinds with few rules. Immutable.
 *
 * @param defaulting fills in what a client left open
 * @param checking what the object must be like
 * @param fixed paths of members that no update changes, such as {@code spec.controller}
 * @param updating what an update asks for
 * @param changeCheck what an update must be like, beside the fixed members
 * @param statusCheck what an update of {@code status} must be like
 */
record Rules(
    NameRule nameRule,
    UnaryOperator<Obj> defaulting,
    BiConsumer<Obj, Causes> checking,
    List<String> fixed,
    Updating updating,
    ChangeCheck changeCheck,
    ChangeCheck statusCheck)
    implements SpecAndStatus {

  /** Complains of an update. */
  @FunctionalInterface
  interface ChangeCheck {
    void check(Obj updated, Obj existing, Causes causes);
  }

  /** How updates are counted, and whether they must name the version that they change. */
  enum Updating {
    UNCOUNTED,
    COUNTED,
    COUNTED_BY_VERSION,
    UNCOUNTED_BY_VERSION
  }

  static final Rules NONE =
      new Rules(
          NameRule.DNS_SUBDOMAIN,
          UnaryOperator.identity(),
          (_, _) -> {},
          List.of(),
          Updating.UNCOUNTED,
          (_, _, _) -> {},
          (_, _, _) -> {});

  Rules withNameRule(NameRule rule) {
    return new Rules(rule, defaulting, checking, fixed, updating, changeCheck, statusCheck);
  }

  Rules withDefaults(UnaryOperator<Obj> how) {
    return new Rules(nameRule, how, checking, fixed, updating, changeCheck, statusCheck);
  }

  Rules withCheck(BiConsumer<Obj, Causes> what) {
    return new Rules(nameRule, defaulting, what, fixed, updating, changeCheck, statusCheck);
  }

  Rules withFixed(String... paths) {
    return new Rules(
        nameRule, defaulting, checking, List.of(paths), updating, changeCheck, statusCheck);
  }

  Rules withUpdating(Updating how) {
    return new Rules(nameRule, defaulting, checking, fixed, how, changeCheck, statusCheck);
  }

  Rules withChangeCheck(ChangeCheck what) {
    return new Rules(nameRule, defaulting, checking, fixed, updating, what, statusCheck);
  }

  Rules withStatusCheck(ChangeCheck what) {
    return new Rules(nameRule, defaulting, checking, fixed, updating, changeCheck, what);
  }

  @Override
  public Obj defaults(Obj object) {
    return defaulting.apply(object);
  }

  @Override
  public void check(Obj object, Causes causes) {
    checking.accept(object, causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    for (String path : fixed) {
      String[] keys = path.split("\\.", -1);
      String[] parents = Arrays.copyOf(keys, keys.length - 1);
      String last = keys[keys.length - 1];
      Optional<Object> now = updated.at(parents).get(last);
      if (!now.equals(existing.at(parents).get(last))) {
        causes.invalid(path, now.orElse(""), Checks.IMMUTABLE);
      }
    }
    changeCheck.check(updated, existing, causes);
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    statusCheck.check(updated, existing, causes);
  }

  @Override
  public boolean hasGeneration() {
    return updating == Updating.COUNTED || updating == Updating.COUNTED_BY_VERSION;
  }

  @Override
  public boolean allowsUnconditionalUpdate() {
    return updating == Updating.COUNTED || updating == Updating.UNCOUNTED;
  }
}
