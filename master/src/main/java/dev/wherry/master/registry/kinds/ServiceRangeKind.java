package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/**
 * A ServiceCIDR. That of the cluster tells which addresses services have; others are stored for
 * tools that make them, and give none.
 */
final class ServiceRangeKind implements SpecAndStatus {
  private static final String CIDRS = "spec.cidrs";

  /** The one that the cluster makes. */
  private static final String OWN = "kubernetes";

  @Override
  public void check(Obj range, Causes causes) {
    List<String> ranges = range.obj("spec").strings("cidrs");
    if (ranges.isEmpty()) {
      causes.required(CIDRS, "at least one CIDR required");
      return;
    }
    if (ranges.size() > 2) {
      causes.invalid(CIDRS, ranges, "may only hold up to 2 values");
      return;
    }
    boolean good = true;
    for (int i = 0; i < ranges.size(); i++) {
      good &= Cidrs.check(ranges.get(i), CIDRS + "[" + i + "]", causes);
    }
    if (good
        && ranges.size() == 2
        && ranges.getFirst().contains(":") == ranges.getLast().contains(":")) {
      causes.invalid(
          CIDRS,
          ranges,
          "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and"
              + " 2001:db8::/64");
    }
  }

  /** One range stays; one of the other family may come later. */
  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    List<String> now = updated.obj("spec").strings("cidrs");
    List<String> before = existing.obj("spec").strings("cidrs");
    if (now.size() != before.size() && (before.size() != 1 || now.size() != 2)) {
      causes.invalid(CIDRS, now, Checks.IMMUTABLE);
      return;
    }
    for (int i = 0; i < before.size(); i++) {
      if (!now.get(i).equals(before.get(i))) {
        causes.invalid(CIDRS + "[" + i + "]", now.get(i), Checks.IMMUTABLE);
      }
    }
  }

  @Override
  public void checkStatusUpdate(Obj updated, Obj existing, Causes causes) {
    ConditionChecks.check(updated.obj("status"), "status", causes);
  }

  @Override
  public List<String> warnings(Obj updated, Obj existing) {
    return updated.obj("metadata").string("name").equals(OWN)
        ? List.of()
        : List.of(
            CIDRS
                + ": services get no addresses of it: their range is chosen at the cluster's first"
                + " start");
  }

  @Override
  public boolean hasGeneration() {
    return false;
  }
}
