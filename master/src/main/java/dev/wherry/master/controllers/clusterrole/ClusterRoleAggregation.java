package dev.wherry.master.controllers.clusterrole;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import java.util.Optional;

/** Keeps the rules of aggregated ClusterRoles. Thread-safe. */
public final class ClusterRoleAggregation implements Controller, Reconciler<String> {
  public static final String NAME = "clusterrole-aggregation-controller";
  public static final GroupResource CLUSTER_ROLES =
      new GroupResource("rbac.authorization.k8s.io", "clusterroles");

  private final ObjectAccess access;
  private final Informer roles;
  private final ControllerRunner<String> runner;

  /**
   * @param roles all cluster roles
   */
  public ClusterRoleAggregation(ObjectAccess access, Informer roles, Timer timer) {
    this.access = access;
    this.roles = roles;
    this.runner = new ControllerRunner<>(NAME, 1, this, timer);
    roles.listen(_ -> enqueueAll());
  }

  private void enqueueAll() {
    for (Obj each : roles.all()) {
      if (each.has("aggregationRule")) {
        runner.enqueue(Meta.of(each).name());
      }
    }
  }

  @Override
  public Outcome reconcile(String name) {
    Optional<Obj> role = roles.get(new ObjectKey("", name));
    Optional<Obj> wanted = role.flatMap(found -> AggregationPlan.plan(found, roles.all()));
    if (wanted.isPresent()) {
      try {
        roles.wrote(access.update(CLUSTER_ROLES, wanted.get()));
      } catch (StatusException e) {
        if (e.reason() != Reason.NOT_FOUND) {
          throw e;
        }
      }
    }
    return Outcome.DONE;
  }

  @Override
  public void start() {
    enqueueAll();
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }
}
