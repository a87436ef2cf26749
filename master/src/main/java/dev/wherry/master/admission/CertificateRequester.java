package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.User;
import dev.wherry.master.registry.Change;
import java.time.InstantSource;
import java.util.List;
import java.util.TreeMap;

/**
 * Writes into a certificate signing request who makes it, whatever it says itself, and into its
 * conditions when they came. Thread-safe.
 */
public final class CertificateRequester implements Step.Mutating {
  static final GroupResource REQUESTS =
      new GroupResource("certificates.k8s.io", "certificatesigningrequests");

  private final InstantSource clock;

  public CertificateRequester(InstantSource clock) {
    this.clock = clock;
  }

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    if (request.creates(REQUESTS)) {
      return change.object().change("spec", spec -> signed(spec, request.by()));
    }
    boolean mayDecide = !change.subresource().isEmpty();
    return mayDecide && change.definition().resource().equals(REQUESTS)
        ? dated(change.object(), change.existing())
        : change.object();
  }

  private static Obj signed(Obj spec, User user) {
    return spec.without("uid").without("extra").toBuilder()
        .put("username", user.name())
        .putUnlessEmpty("uid", user.uid())
        .put("groups", user.groups())
        .putUnlessEmpty("extra", Obj.of(new TreeMap<>(user.extra())))
        .build();
  }

  private Obj dated(Obj csr, Obj existing) {
    List<Obj> conditions = csr.obj("status").objs("conditions");
    if (conditions.isEmpty()) {
      return csr;
    }
    List<Obj> before = existing.obj("status").objs("conditions");
    String now = Meta.Times.format(clock.instant());
    List<Obj> dated = conditions.stream().map(each -> dated(each, before, now)).toList();
    return csr.withAt(dated, "status", "conditions");
  }

  private static Obj dated(Obj condition, List<Obj> before, String now) {
    Obj dated = condition;
    if (dated.string("lastUpdateTime").isEmpty()) {
      dated = dated.with("lastUpdateTime", now);
    }
    if (dated.string("lastTransitionTime").isEmpty()) {
      String since =
          before.stream()
              .filter(
                  each ->
                      each.string("type").equals(condition.string("type"))
                          && each.string("status").equals(condition.string("status")))
              .map(each -> each.string("lastTransitionTime"))
              .filter(time -> !time.isEmpty())
              .findFirst()
              .orElse(now);
      dated = dated.with("lastTransitionTime", since);
    }
    return dated;
  }
}
