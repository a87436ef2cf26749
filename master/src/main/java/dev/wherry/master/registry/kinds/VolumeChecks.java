package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.Quantity;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/** What volumes and claims have in common. Pure. */
final class VolumeChecks {
  static final List<String> MODES = List.of("Block", "Filesystem");
  private static final String ONE_POD = "ReadWriteOncePod";
  private static final List<String> ACCESS_MODES =
      List.of("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", ONE_POD);

  private VolumeChecks() {}

  /**
   * Checks the access modes of a volume or a claim.
   *
   * @param lacking what is said where there are none
   */
  static void accessModes(Obj spec, String path, String lacking, Causes causes) {
    List<String> modes = spec.strings("accessModes");
    if (modes.isEmpty()) {
      causes.required(path + ".accessModes", lacking);
    }
    boolean others = false;
    for (String mode : modes) {
      boolean known = ACCESS_MODES.contains(mode);
      if (!known) {
        causes.notSupported(path + ".accessModes", mode, ACCESS_MODES);
      }
      others |= known && !mode.equals(ONE_POD);
    }
    if (others && modes.contains(ONE_POD)) {
      causes.forbidden(
          path + ".accessModes", "may not use ReadWriteOncePod with other access modes");
    }
  }

  /** An amount of more than nothing. */
  static void positive(Object value, String path, Causes causes) {
    try {
      if (Quantity.of(value).compareTo(Quantity.ZERO) <= 0) {
        causes.invalid(path, value, "must be greater than zero");
      }
    } catch (IllegalArgumentException _) {
      causes.invalid(path, value, Quantity.SYNTAX_MESSAGE);
    }
  }

  /** What there is of something, which is nothing at the least. */
  static void amount(Object value, String path, Causes causes) {
    try {
      Quantity amount = Quantity.of(value);
      if (amount.isNegative()) {
        causes.invalid(path, amount.wholeCeiling(), "must be a valid resource quantity");
      }
    } catch (IllegalArgumentException _) {
      causes.invalid(path, value, Quantity.SYNTAX_MESSAGE);
    }
  }
}
