package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.util.List;

/**
 * What the cluster IPs of a service and their families must be like, and how they may change
 * (Kubernetes: ValidateServiceClusterIPsRelatedFields). Pure.
 */
final class ServiceAddressChecks {
  private static final String IPS = "spec.clusterIPs";
  private static final String FAMILIES = "spec.ipFamilies";
  private static final String POLICY = "spec.ipFamilyPolicy";
  private static final String CHANGED = "may not change once set";
  private static final List<String> KNOWN_FAMILIES = List.of("IPv4", "IPv6");
  private static final List<String> POLICIES =
      List.of("PreferDualStack", "RequireDualStack", "SingleStack");

  private ServiceAddressChecks() {}

  static void check(Obj spec, Causes causes) {
    if (ServiceDefaults.isExternalName(spec)) {
      return;
    }
    sameFirst(spec, causes);
    boolean knownFamilies = families(spec.strings("ipFamilies"), causes);
    Checks.oneOfIfAny(spec, "ipFamilyPolicy", "spec", POLICIES, causes);
    List<String> ips = spec.strings("clusterIPs");
    if (addresses(ips, causes)) {
      onePerFamily(ips, causes);
      if (knownFamilies && !ServiceDefaults.isHeadless(spec)) {
        ofTheirFamilies(ips, spec.strings("ipFamilies"), causes);
      }
      fitting(spec, causes);
    }
  }

  private static void sameFirst(Obj spec, Causes causes) {
    String one = spec.string("clusterIP");
    List<String> all = spec.strings("clusterIPs");
    if (one.isEmpty() && !all.isEmpty()) {
      causes.invalid(IPS, all, "must be empty when `clusterIP` is not specified");
    } else if (!one.isEmpty() && all.isEmpty()) {
      causes.required(IPS, "");
    } else if (!all.isEmpty() && !all.getFirst().equals(one)) {
      causes.invalid(IPS, all, "first value must match `clusterIP`");
    }
  }

  private static boolean families(List<String> families, Causes causes) {
    boolean good = true;
    for (int i = 0; i < families.size(); i++) {
      String path = FAMILIES + "[" + i + "]";
      if (!KNOWN_FAMILIES.contains(families.get(i))) {
        causes.notSupported(path, families.get(i), KNOWN_FAMILIES);
        good = false;
      }
      if (families.indexOf(families.get(i)) < i) {
        causes.duplicate(path, families.get(i));
        good = false;
      }
    }
    return good;
  }

  private static boolean addresses(List<String> ips, Causes causes) {
    boolean good = true;
    for (int i = 0; i < ips.size(); i++) {
      if (i == 0 && ips.getFirst().equals(ServiceDefaults.HEADLESS)) {
        if (ips.size() > 1) {
          causes.invalid(IPS, ips, "'None' must be the first and only value");
          good = false;
        }
      } else if (!Cidrs.isAddress(ips.get(i))) {
        Checks.address(ips.get(i), IPS + "[" + i + "]", causes);
        good = false;
      }
    }
    if (ips.size() > 2) {
      causes.invalid(IPS, ips, "may only hold up to 2 values");
    }
    return good;
  }

  private static void onePerFamily(List<String> ips, Causes causes) {
    long six = ips.stream().filter(ip -> ip.contains(":")).count();
    if (ips.size() > 1 && (six > 1 || ips.size() - six > 1)) {
      causes.invalid(IPS, ips, "may specify no more than one IP for each IP family");
    }
  }

  private static void ofTheirFamilies(List<String> ips, List<String> families, Causes causes) {
    for (int i = 0; i < Math.min(ips.size(), families.size()); i++) {
      String family = families.get(i);
      if (!family.equals(ServiceFamilies.of(ips.get(i)))) {
        causes.invalid(
            IPS + "[" + i + "]",
            ips.get(i),
            "expected an %s value as indicated by `ipFamilies[%d]`".formatted(family, i));
      }
    }
  }

  private static void fitting(Obj spec, Causes causes) {
    String policy = spec.string("ipFamilyPolicy");
    if (!policy.equals(ServiceFamilies.SINGLE)) {
      return;
    }
    String rest = "must be 'RequireDualStack' or 'PreferDualStack' when multiple ";
    if (spec.list("clusterIPs").size() == 2) {
      causes.invalid(POLICY, policy, rest + "cluster IPs are specified");
    }
    if (spec.list("ipFamilies").size() == 2) {
      causes.invalid(POLICY, policy, rest + "IP families are specified");
    }
  }

  /** The first address and its family stay; a second comes and goes with the policy. */
  static void checkUpdate(Obj updated, Obj existing, Causes causes) {
    if (ServiceDefaults.isExternalName(updated) || ServiceDefaults.isExternalName(existing)) {
      return;
    }
    boolean headless = ServiceDefaults.isHeadless(updated);
    boolean was = ServiceDefaults.isHeadless(existing);
    if (!headless || !was) {
      changedAddresses(updated, existing, causes);
    }
    if (!headless && !was) {
      changedFamilies(updated, existing, causes);
    }
  }

  private static void changedAddresses(Obj updated, Obj existing, Causes causes) {
    List<String> now = updated.strings("clusterIPs");
    List<String> before = existing.strings("clusterIPs");
    if (now.isEmpty() && !before.isEmpty()) {
      causes.invalid(IPS + "[0]", now, "primary clusterIP can not be unset");
    }
    int compared = now.size() == before.size() ? now.size() : 1;
    for (int i = 0; i < Math.min(compared, Math.min(now.size(), before.size())); i++) {
      if (!now.get(i).equals(before.get(i))) {
        causes.invalid(IPS + "[" + i + "]", now, CHANGED);
      }
    }
    released(updated, now.size() == 1 && before.size() > 1, "cluster IP", causes);
  }

  private static void changedFamilies(Obj updated, Obj existing, Causes causes) {
    List<String> now = updated.strings("ipFamilies");
    List<String> before = existing.strings("ipFamilies");
    boolean other =
        now.size() == before.size()
            ? !now.equals(before)
            : !now.isEmpty() && !before.isEmpty() && !now.getFirst().equals(before.getFirst());
    if (other) {
      causes.invalid(FAMILIES + "[0]", now, CHANGED);
    }
    released(updated, now.size() == 1 && before.size() > 1, "IP family", causes);
  }

  private static void released(Obj updated, boolean released, String what, Causes causes) {
    String policy = updated.string("ipFamilyPolicy");
    if (released && !policy.equals(ServiceFamilies.SINGLE)) {
      causes.invalid(POLICY, policy, "must be 'SingleStack' to release the secondary " + what);
    }
  }
}
