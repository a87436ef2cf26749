package dev.wherry.master.registry.kinds;

import static dev.wherry.master.registry.kinds.Defaults.putText;

import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;

/**
 * Which address families a service gets that leaves it open. What an update leaves open stays as it
 * was, so that no service changes between one and two families unasked. Pure.
 */
final class ServiceFamilies {
  static final String SINGLE = "SingleStack";

  /** Of the addresses that a cluster gives unless it is asked for others. */
  private static final String DEFAULT = "IPv4";

  private static final String OTHER = "IPv6";

  private ServiceFamilies() {}

  /** The family of an address. */
  static String of(String address) {
    return address.contains(":") ? OTHER : DEFAULT;
  }

  /**
   * The spec with its policy and families.
   *
   * @param existing the spec before the update, empty for a new service
   */
  static Obj filled(Obj given, Obj existing) {
    if (ServiceDefaults.isExternalName(given)) {
      return given;
    }
    Obj spec = putText(given, "ipFamilyPolicy", policy(given, existing));
    if (spec.string("ipFamilyPolicy").equals(SINGLE)) {
      spec = withFirst(withFirst(spec, existing, "clusterIPs"), existing, "ipFamilies");
    }
    return withFamilies(spec);
  }

  private static String policy(Obj spec, Obj existing) {
    String before = existing.string("ipFamilyPolicy");
    if (!before.isEmpty()) {
      return before;
    }
    return isElsewhere(spec) ? "RequireDualStack" : SINGLE;
  }

  /** Whether its endpoints are somebody else's, so that any family may be among them. */
  static boolean isElsewhere(Obj spec) {
    return ServiceDefaults.isHeadless(spec) && spec.obj("selector").isEmpty();
  }

  /** Who asks for one family alone, and sends the second as it was, lets go of it. */
  private static Obj withFirst(Obj spec, Obj existing, String key) {
    List<Object> all = spec.list(key);
    return all.size() > 1 && all.equals(existing.list(key))
        ? spec.with(key, List.of(all.getFirst()))
        : spec;
  }

  private static Obj withFamilies(Obj spec) {
    List<Object> families = new ArrayList<>(spec.list("ipFamilies"));
    List<String> addresses = spec.strings("clusterIPs");
    if (!ServiceDefaults.isHeadless(spec)) {
      for (int i = families.size(); i < addresses.size(); i++) {
        String family = of(addresses.get(i));
        if (!families.contains(family)) {
          families.add(family);
        }
      }
    }
    if (families.isEmpty()) {
      families.add(DEFAULT);
    }
    if (isElsewhere(spec)
        && families.size() == 1
        && !spec.string("ipFamilyPolicy").equals(SINGLE)) {
      families.add(families.getFirst().equals(DEFAULT) ? OTHER : DEFAULT);
    }
    return families.equals(spec.list("ipFamilies")) ? spec : spec.with("ipFamilies", families);
  }
}
