package dev.wherry.master.admission;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Change;
import java.util.ArrayList;
import java.util.List;

/**
 * What Kubernetes' admission fills into every new pod: the service account and the tolerations that
 * let it stay five minutes on a node that is not ready or out of reach (ServiceAccount,
 * DefaultTolerationSeconds). Pure.
 */
public final class PodDefaults implements Step.Mutating {
  private static final long TOLERATION_SECONDS = 300;

  @Override
  public Obj admit(Request request) {
    Change change = request.change();
    boolean newPod =
        change.verb() == Change.Verb.CREATE
            && change.definition().resource().equals(GroupResource.PODS);
    if (!newPod) {
      return change.object();
    }
    Obj tolerant = change.object().change("spec", PodDefaults::tolerant);
    return PodAccounts.isMirror(tolerant)
        ? tolerant
        : tolerant.change("spec", PodDefaults::withAccount);
  }

  private static Obj withAccount(Obj spec) {
    String named = spec.string("serviceAccountName", spec.string("serviceAccount"));
    String account = named.isEmpty() ? "default" : named;
    return spec.with("serviceAccountName", account).with("serviceAccount", account);
  }

  private static Obj tolerant(Obj spec) {
    List<Object> tolerations = new ArrayList<>(spec.list("tolerations"));
    tolerate(tolerations, spec.objs("tolerations"), "node.kubernetes.io/not-ready");
    tolerate(tolerations, spec.objs("tolerations"), "node.kubernetes.io/unreachable");
    return spec.with("tolerations", tolerations);
  }

  private static void tolerate(List<Object> all, List<Obj> given, String key) {
    for (Obj toleration : given) {
      boolean anyKey = toleration.string("key").isEmpty() || toleration.string("key").equals(key);
      boolean anyEffect =
          toleration.string("effect").isEmpty() || toleration.string("effect").equals("NoExecute");
      if (anyKey && anyEffect) {
        return;
      }
    }
    all.add(
        Obj.of(
            "key",
            key,
            "operator",
            "Exists",
            "effect",
            "NoExecute",
            "tolerationSeconds",
            TOLERATION_SECONDS));
  }
}
