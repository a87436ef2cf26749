package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.master.access.Identity;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.autoscaler.AutoscalerController;
import dev.wherry.master.controllers.autoscaler.TrafficMetrics;
import dev.wherry.master.controllers.cronjob.CronJobController;
import dev.wherry.master.controllers.daemonset.DaemonSetController;
import dev.wherry.master.controllers.deployment.DeploymentController;
import dev.wherry.master.controllers.disruption.BudgetController;
import dev.wherry.master.controllers.job.JobController;
import dev.wherry.master.controllers.replicaset.ReplicaSetController;
import dev.wherry.master.controllers.replicaset.SetKind;
import dev.wherry.master.controllers.scheduler.SchedulerController;
import dev.wherry.master.controllers.statefulset.StatefulSetController;
import dev.wherry.master.controllers.volume.SchedulerVolumes;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.OwnedObjects;
import java.util.List;

/** The scheduler, and the controllers that make pods, keep them and count them. */
final class WorkloadControllers {
  private final ControllerContext context;

  private WorkloadControllers(ControllerContext context) {
    this.context = context;
  }

  static void addTo(ControllerContext context, Informer ingresses) {
    WorkloadControllers workloads = new WorkloadControllers(context);
    workloads.scheduler();
    workloads.deployments();
    workloads.sets();
    workloads.jobs();
    workloads.budgets();
    workloads.autoscalers(ingresses);
  }

  private void scheduler() {
    ObjectAccess access = context.access(Identity.scheduler());
    SchedulerController scheduler =
        new SchedulerController(
            access,
            context.shared(),
            new SchedulerVolumes(access, context.shared()),
            () -> BudgetController.current(context.shared()),
            context.recorder(SchedulerController.NAME),
            context.timer());
    for (Informer each :
        List.of(
            context.shared().persistentVolumeClaims(),
            context.shared().persistentVolumes(),
            context.shared().storageClasses())) {
      each.listen(_ -> scheduler.onVolumeChange());
    }
    context.add(scheduler);
  }

  private void deployments() {
    replicas(SetKind.REPLICA_SET, context.shared().replicaSets());
    replicas(
        SetKind.REPLICATION_CONTROLLER, context.informer(GroupResource.REPLICATION_CONTROLLERS));
    context.add(
        new DeploymentController(
            context.as("deployment-controller"),
            context.shared(),
            context.recorder("deployment-controller"),
            context.timer()));
  }

  private void replicas(SetKind kind, Informer sets) {
    context.add(
        new ReplicaSetController(
            context.as(kind.controller()),
            context.shared(),
            sets,
            kind,
            context.recorder(kind.controller()),
            context.timer()));
  }

  private void sets() {
    OwnedObjects revisions = new OwnedObjects(context.informer(GroupResource.CONTROLLER_REVISIONS));
    context.add(
        new StatefulSetController(
            context.as(StatefulSetController.NAME),
            context.shared(),
            context.informer(GroupResource.STATEFUL_SETS),
            revisions,
            context.recorder(StatefulSetController.NAME),
            context.timer()));
    context.add(
        new DaemonSetController(
            context.as(DaemonSetController.NAME),
            context.shared(),
            context.informer(GroupResource.DAEMON_SETS),
            revisions,
            context.recorder(DaemonSetController.NAME),
            context.timer()));
  }

  private void jobs() {
    Informer jobs = context.informer(GroupResource.JOBS);
    OwnedObjects owned = new OwnedObjects(jobs);
    context.add(
        new JobController(
            context.as(JobController.NAME),
            context.shared(),
            jobs,
            context.recorder(JobController.NAME),
            context.timer()));
    context.add(
        new CronJobController(
            context.as(CronJobController.NAME),
            context.shared(),
            context.informer(GroupResource.CRON_JOBS),
            owned,
            context.recorder(CronJobController.NAME),
            context.timer()));
  }

  private void budgets() {
    context.add(
        new BudgetController(
            context.as("disruption-controller"),
            context.shared(),
            context.options().resources(),
            context.recorder("controllermanager"),
            context.timer()));
  }

  private void autoscalers(Informer ingresses) {
    context.add(
        new AutoscalerController(
            context.as("horizontal-pod-autoscaler"),
            context.shared(),
            context.informer(GroupResource.HORIZONTAL_POD_AUTOSCALERS),
            context.options().resources(),
            context.options().samples(),
            new TrafficMetrics(
                context.options().samples().traffic(), context.shared().services(), ingresses),
            context.recorder("horizontal-pod-autoscaler"),
            context.timer()));
  }
}
