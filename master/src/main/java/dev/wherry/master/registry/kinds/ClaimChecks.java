package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.NameRule;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What a pod's claims of devices must be like, and how its containers use them. Pure. */
final class ClaimChecks {
  private static final List<String> SOURCES =
      List.of("resourceClaimName", "resourceClaimTemplateName");

  private ClaimChecks() {}

  /** Checks the claims of a pod's spec; gives their names. */
  static Set<String> ofPod(Obj spec, String path, Causes causes) {
    Set<String> names = new HashSet<>();
    Checks.each(
        spec.objs("resourceClaims"),
        path + ".resourceClaims",
        (claim, at) -> {
          String name = claim.string("name");
          Checks.name(NameRule.DNS_LABEL, name, at + ".name", causes);
          if (!name.isEmpty() && !names.add(name)) {
            causes.duplicate(at + ".name", name);
          }
          source(claim, at, causes);
        });
    return names;
  }

  private static void source(Obj claim, String path, Causes causes) {
    List<String> given = SOURCES.stream().filter(claim::has).toList();
    if (given.size() > 1) {
      causes.invalid(
          path,
          claim,
          "at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified");
    } else if (given.isEmpty()) {
      causes.invalid(
          path, claim, "must specify one of: `resourceClaimName`, `resourceClaimTemplateName`");
    }
    for (String key : given) {
      String name = claim.string(key);
      NameRule.DNS_SUBDOMAIN
          .complaint(name)
          .ifPresent(complaint -> causes.invalid(path + "." + key, name, complaint));
    }
  }

  /**
   * Those that one container uses: each of them whole, or each of its requests once.
   *
   * @param known the names of its pod's claims
   */
  static void used(List<Obj> used, String path, Set<String> known, Causes causes) {
    Set<String> whole = new HashSet<>();
    Set<String> parts = new HashSet<>();
    Checks.each(
        used,
        path,
        (each, at) -> {
          String name = each.string("name");
          String request = each.string("request");
          if (name.isEmpty()) {
            causes.required(at, "");
            return;
          }
          if (!request.isEmpty()) {
            Checks.name(NameRule.DNS_LABEL, request, at + ".request", causes);
          }
          String part = name + "/" + request;
          boolean overlaps =
              whole.contains(name)
                  || (request.isEmpty() && parts.stream().anyMatch(p -> p.startsWith(part)));
          if (overlaps) {
            causes.duplicate(at, name);
          } else if (!request.isEmpty() && !parts.add(part)) {
            causes.duplicate(at, part);
          }
          if (request.isEmpty()) {
            whole.add(name);
          }
          if (!known.contains(name)) {
            causes.add(unknown(name, at, known));
          }
        });
  }

  private static Cause unknown(String name, String path, Set<String> known) {
    Cause notFound = Cause.notFound(path, name);
    String names =
        known.isEmpty() ? " which is empty" : ": " + String.join(", ", new TreeSet<>(known));
    return new Cause(
        notFound.type(),
        path,
        notFound.message() + ": must be one of the names in pod.spec.resourceClaims" + names);
  }
}
