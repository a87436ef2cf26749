package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Request;
import dev.wherry.master.admission.Step;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.registry.Change;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The status of a ResourceClaim has two sorts of writers: who allocates and reserves it may write
 * {@code resourceclaims/binding}, and what a driver tells of its devices takes {@code
 * resourceclaims/driver} of that driver's name, by {@code associated-node:VERB} for an account of a
 * pod on the claim's node or by {@code arbitrary-node:VERB} for any (Kubernetes' hardening guide
 * for Dynamic Resource Allocation, DRAResourceClaimGranularStatusAuthorization). An update and a
 * patch write the same, so that either verb is enough for both. Thread-safe.
 */
final class ClaimStatusGuard implements Step.Validating {
  private static final GroupResource CLAIMS =
      new GroupResource("resource.k8s.io", "resourceclaims");
  private static final String NODE_NAME = "authentication.kubernetes.io/node-name";
  private static final List<String> VERBS = List.of("update", "patch");

  private final Authorizer authorizer;

  ClaimStatusGuard(Authorizer authorizer) {
    this.authorizer = authorizer;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    boolean writesStatus =
        change.verb() == Change.Verb.UPDATE && change.subresource().equals("status");
    if (!writesStatus || !change.definition().resource().equals(CLAIMS)) {
      return;
    }
    Obj before = change.existing().obj("status");
    Obj now = change.object().obj("status");
    boolean binds =
        !now.obj("allocation").equals(before.obj("allocation"))
            || !now.list("reservedFor").equals(before.list("reservedFor"));
    if (binds && !may(request, "", "binding", change.key())) {
      throw refused(
          change, "changing status.allocation or status.reservedFor", "resourceclaims/binding");
    }
    for (String driver : changedDrivers(before.objs("devices"), now.objs("devices"))) {
      ObjectKey key = new ObjectKey(change.key().namespace(), driver);
      boolean near = isOnNode(request, now.obj("allocation"));
      boolean may =
          near && may(request, "associated-node:", "driver", key)
              || may(request, "arbitrary-node:", "driver", key);
      if (!may) {
        throw refused(
            change,
            "changing status.devices of driver \"" + driver + "\"",
            "resourceclaims/driver");
      }
    }
  }

  /** The drivers whose devices are not the same in both. */
  private static Set<String> changedDrivers(List<Obj> before, List<Obj> now) {
    Set<String> drivers = new TreeSet<>();
    before.forEach(device -> drivers.add(device.string("driver")));
    now.forEach(device -> drivers.add(device.string("driver")));
    drivers.removeIf(driver -> of(driver, before).equals(of(driver, now)));
    return drivers;
  }

  private static List<Obj> of(String driver, List<Obj> devices) {
    return devices.stream().filter(device -> device.string("driver").equals(driver)).toList();
  }

  /** Whether the request comes with the token of a pod on the one node that has what is claimed. */
  private static boolean isOnNode(Request request, Obj allocation) {
    List<String> nodes = request.by().extra().getOrDefault(NODE_NAME, List.of());
    List<Obj> terms = allocation.obj("nodeSelector").objs("nodeSelectorTerms");
    return nodes.size() == 1
        && !terms.isEmpty()
        && terms.stream()
            .allMatch(
                term ->
                    term.objs("matchFields").stream()
                        .anyMatch(
                            field ->
                                field.string("key").equals("metadata.name")
                                    && field.string("operator").equals("In")
                                    && field.strings("values").equals(nodes)));
  }

  private boolean may(Request request, String prefix, String part, ObjectKey key) {
    return VERBS.stream()
        .anyMatch(
            verb ->
                authorizer
                    .decide(
                        new Attributes(
                            request.user(), request.groups(), prefix + verb, CLAIMS, part, key))
                    .isAllowed());
  }

  private static StatusException refused(Change change, String what, String permission) {
    return StatusException.forbidden(
        CLAIMS, change.key().name(), what + " requires permission for " + permission);
  }
}
