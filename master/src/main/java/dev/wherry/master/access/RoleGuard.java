package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.admission.Request;
import dev.wherry.master.admission.Step;
import dev.wherry.master.auth.Attributes;
import dev.wherry.master.auth.Authorizer;
import dev.wherry.master.auth.Binding;
import dev.wherry.master.auth.Rbac;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.auth.Rule;
import dev.wherry.master.registry.Change;
import java.util.List;

/**
 * Nobody grants what they do not hold: a role may say only what its author may do, unless they may
 * {@code escalate} it, and a role is bound by who holds all of it or may {@code bind} it
 * (Kubernetes, Privilege escalation prevention). Pure over the roles as they are.
 */
final class RoleGuard implements Step.Validating {
  private final Authorizer authorizer;
  private final Rbac rbac;

  RoleGuard(Authorizer authorizer, Rbac rbac) {
    this.authorizer = authorizer;
    this.rbac = rbac;
  }

  @Override
  public void check(Request request) {
    Change change = request.change();
    GroupResource resource = change.definition().resource();
    if (change.verb() == Change.Verb.DELETE || !resource.group().equals(RoleIndex.GROUP)) {
      return;
    }
    if (resource.equals(RoleIndex.ROLES) || resource.equals(RoleIndex.CLUSTER_ROLES)) {
      checkRole(request);
    } else {
      checkBinding(request);
    }
  }

  private void checkRole(Request request) {
    Change change = request.change();
    Obj role = change.object();
    boolean same =
        role.list("rules").equals(change.existing().list("rules"))
            && role.obj("aggregationRule").equals(change.existing().obj("aggregationRule"));
    if (same || may(request, "escalate", change.definition().resource(), change.key())) {
      return;
    }
    if (role.has("aggregationRule")
        && !role.obj("aggregationRule").equals(change.existing().obj("aggregationRule"))) {
      Rule everything = new Rule(List.of("*"), List.of("*"), List.of("*"), List.of(), List.of());
      Rule everywhere = new Rule(List.of("*"), List.of(), List.of(), List.of(), List.of("*"));
      require(request, List.of(everything, everywhere));
    }
    require(request, Rule.all(role));
  }

  private void checkBinding(Request request) {
    Change change = request.change();
    Binding binding = Binding.of(change.object());
    if (change.object().list("subjects").equals(change.existing().list("subjects"))) {
      return; // the role of a binding does not change
    }
    boolean clusterRole = binding.role().kind().equals("ClusterRole");
    GroupResource roles = clusterRole ? RoleIndex.CLUSTER_ROLES : RoleIndex.ROLES;
    ObjectKey role = new ObjectKey(change.key().namespace(), binding.role().name());
    if (may(request, "bind", roles, role)) {
      return;
    }
    if (!rbac.roles().has(binding.role(), change.key().namespace())) {
      // Nobody knows what such a role will say one day.
      throw StatusException.notFound(roles, binding.role().name());
    }
    require(request, rbac.roles().rules(binding.role(), change.key().namespace()));
  }

  private boolean may(Request request, String verb, GroupResource resource, ObjectKey key) {
    return authorizer
        .decide(new Attributes(request.user(), request.groups(), verb, resource, "", key))
        .isAllowed();
  }

  private void require(Request request, List<Rule> wanted) {
    ObjectKey key = request.change().key();
    List<Rule> owned = rbac.rules(request.user(), request.groups(), key.namespace());
    List<Rule> missing = Rbac.uncovered(owned, wanted);
    if (missing.isEmpty()) {
      return;
    }
    StringBuilder message =
        new StringBuilder("user \"")
            .append(request.user())
            .append("\" (groups=[\"")
            .append(String.join("\" \"", request.groups()))
            .append("\"]) is attempting to grant RBAC permissions not currently held:");
    Rule.gathered(missing).forEach(rule -> message.append('\n').append(rule));
    throw StatusException.forbidden(
        request.change().definition().resource(), key.name(), message.toString());
  }
}
