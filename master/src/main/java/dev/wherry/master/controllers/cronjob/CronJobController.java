package dev.wherry.master.controllers.cronjob;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.CronJobView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.workload.StatusWriter;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.OwnedObjects;
import dev.wherry.master.reconcile.Parallel;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalLong;

/** Makes jobs when they are due, and deletes old ones. Thread-safe. */
public final class CronJobController implements Controller, Reconciler<ObjectKey> {
  public static final String NAME = "cronjob-controller";
  private static final int PARALLELISM = 2;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Informer crons;
  private final OwnedObjects jobs;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final StatusWriter statuses;
  private final ControllerRunner<ObjectKey> runner;

  public CronJobController(
      ObjectAccess access,
      SharedInformers informers,
      Informer crons,
      OwnedObjects jobs,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.crons = crons;
    this.jobs = jobs;
    this.events = events;
    this.timer = timer;
    this.statuses = new StatusWriter(access, crons, timer);
    this.runner = new ControllerRunner<>(NAME, PARALLELISM, this, timer);
    crons.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    jobs.informer()
        .listen(
            change -> {
              Meta job = Meta.of(change.object());
              job.controller()
                  .filter(owner -> owner.kind().equals("CronJob"))
                  .ifPresent(owner -> runner.enqueue(new ObjectKey(job.namespace(), owner.name())));
            });
  }

  @Override
  public void start() {
    runner.start();
  }

  @Override
  public void close() {
    runner.close();
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    Optional<CronJobView> found = crons.get(key).map(CronJobView::new);
    if (found.isEmpty() || informers.isTerminating(key.namespace())) {
      return Outcome.DONE;
    }
    CronJobView cron = found.get();
    CronJobPlan plan =
        CronJobPlan.plan(cron, jobs.of(cron.meta().uid()), ZoneId.systemDefault(), timer.instant());
    plan.notes().forEach(events::record);
    Parallel.forEach(plan.delete(), each -> delete(cron, each));
    plan.create().ifPresent(each -> create(cron, each));
    statuses.reportAtOnce(cron.tree(), plan.status());
    return plan.next().map(Outcome::after).orElse(Outcome.DONE);
  }

  private void create(CronJobView cron, Obj job) {
    try {
      Obj created = access.create(GroupResource.JOBS, job);
      jobs.informer().wrote(created);
      events.record(
          EventNote.normal(
              cron.tree(), "SuccessfulCreate", "Created job " + Meta.of(created).name()));
    } catch (StatusException e) {
      if (e.reason() == Reason.ALREADY_EXISTS) {
        return; // made before; its event is on its way, or the name is somebody's own
      }
      events.record(
          EventNote.warning(cron.tree(), "FailedCreate", "Error creating job: " + e.getMessage()));
      throw e;
    }
  }

  private void delete(CronJobView cron, Obj job) {
    try {
      jobs.informer()
          .deletedByUs(
              access.delete(
                  GroupResource.JOBS,
                  ObjectKey.of(job),
                  new DeleteOptions(
                      OptionalLong.empty(),
                      Optional.of(DeleteOptions.Propagation.BACKGROUND),
                      Meta.of(job).uid(),
                      "",
                      false)));
      events.record(
          EventNote.normal(cron.tree(), "SuccessfulDelete", "Deleted job " + Meta.of(job).name()));
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND && e.reason() != Reason.CONFLICT) {
        throw e;
      }
    }
  }
}
