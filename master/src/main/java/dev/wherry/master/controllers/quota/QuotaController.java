package dev.wherry.master.controllers.quota;

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
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.quota.Amounts;
import dev.wherry.master.registry.quota.QuotaUsage;
import java.time.Duration;
import java.util.Set;

/**
 * Writes into the status of each quota what is taken of it. Admission does not need it: it counts
 * the objects itself. Pods, services and claims are followed as they change, other kinds are
 * counted every {@link #RECOUNT}: nobody keeps an index of all objects for the sake of a number.
 * Thread-safe.
 */
public final class QuotaController implements Controller, Reconciler<ObjectKey> {
  private static final GroupResource QUOTAS = GroupResource.core("resourcequotas");
  private static final Duration RECOUNT = Duration.ofSeconds(5);
  private static final int PARALLELISM = 2;
  private static final Set<GroupResource> FOLLOWED =
      Set.of(GroupResource.PODS, GroupResource.SERVICES, GroupResource.PERSISTENT_VOLUME_CLAIMS);

  private final ObjectAccess access;
  private final Informer quotas;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  /**
   * @param quotas an informer of all resource quotas
   */
  public QuotaController(
      ObjectAccess access, SharedInformers informers, Informer quotas, Timer timer) {
    this.access = access;
    this.quotas = quotas;
    this.timer = timer;
    this.runner = new ControllerRunner<>("quotas", PARALLELISM, this, timer);
    quotas.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    informers.pods().listen(this::onObject);
    informers.services().listen(this::onObject);
    informers.persistentVolumeClaims().listen(this::onObject);
  }

  private void onObject(Informer.Change change) {
    String namespace = change.object().obj("metadata").string("namespace");
    for (Obj quota : quotas.all()) {
      ObjectKey key = ObjectKey.of(quota);
      if (key.namespace().equals(namespace)) {
        runner.enqueue(key);
      }
    }
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
    Obj quota;
    try {
      quota = access.get(QUOTAS, key);
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return Outcome.DONE;
      }
      throw e;
    }
    Obj status =
        Obj.of("hard", quota.at("spec", "hard"), "used", used(quota, key.namespace()).tree());
    if (!quota.obj("status").equals(status)) {
      access.updateStatus(QUOTAS, quota.with("status", status));
    }
    Set<GroupResource> counted = QuotaUsage.counted(quota);
    boolean isFollowed = FOLLOWED.containsAll(counted);
    return isFollowed && !(counted.contains(GroupResource.PODS) && hasEnding(key.namespace()))
        ? Outcome.DONE
        : Outcome.after(RECOUNT);
  }

  /** Whether a pod there is to go: it stops counting when its time is over, whoever says so. */
  private boolean hasEnding(String namespace) {
    for (Obj pod : objects(GroupResource.PODS, namespace)) {
      if (Meta.of(pod).isTerminating()) {
        return true;
      }
    }
    return false;
  }

  private Amounts used(Obj quota, String namespace) {
    Amounts used = QuotaUsage.nothing(quota);
    for (GroupResource resource : QuotaUsage.counted(quota)) {
      for (Obj each : objects(resource, namespace)) {
        used = used.plus(QuotaUsage.of(quota, resource, each, timer.instant()));
      }
    }
    return used;
  }

  private Iterable<Obj> objects(GroupResource resource, String namespace) {
    try {
      return access.list(resource, namespace, ListOptions.ALL).items();
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND) {
        return java.util.List.of(); // a quota may name a kind that is not served
      }
      throw e;
    }
  }
}
