package dev.wherry.master.controllers;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.Condition;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.DeleteOptions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/** Marks bound pods as running and ready, and lets terminating ones go, at once. */
final class FakeKubelet implements Reconciler<ObjectKey>, AutoCloseable {
  private final ObjectAccess access;
  private final Timer timer;
  private final Predicate<PodView> works;
  private final Informer pods;
  private final ControllerRunner<ObjectKey> runner;
  private final AtomicInteger addresses = new AtomicInteger();

  /** Pods for which {@code works} is false run and are never ready. */
  FakeKubelet(ObjectAccess access, Timer timer, Predicate<PodView> works) {
    this.access = access;
    this.timer = timer;
    this.works = works;
    this.pods = new Informer(access, GroupResource.PODS);
    this.runner = new ControllerRunner<>("kubelet", 16, this, timer);
    pods.listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    pods.start();
    runner.start();
  }

  @Override
  public Outcome reconcile(ObjectKey key) {
    PodView pod = new PodView(pods.get(key).orElse(Obj.EMPTY));
    if (pod.nodeName().isEmpty()) {
      return Outcome.DONE;
    }
    try {
      if (pod.isTerminating()) {
        access.delete(
            GroupResource.PODS,
            key,
            DeleteOptions.DEFAULT.withGracePeriodSeconds(0).withUid(pod.meta().uid()));
      } else if (pod.phase().equals("Pending")) {
        run(pod);
      }
    } catch (StatusException e) {
      if (e.reason() != Reason.NOT_FOUND) {
        throw e;
      }
    }
    return Outcome.DONE;
  }

  private void run(PodView pod) {
    String ready = works.test(pod) ? Condition.TRUE : Condition.FALSE;
    int number = addresses.incrementAndGet();
    String ip = "10.42." + number / 250 + "." + (number % 250 + 1);
    Obj condition =
        Condition.of(PodView.READY, ready, "", "", timer.instant())
            .tree()
            .with("observedGeneration", pod.meta().generation());
    List<Obj> conditions = Condition.set(pod.status().objs("conditions"), new Condition(condition));
    access.updateStatus(
        GroupResource.PODS,
        pod.tree()
            .change("metadata", metadata -> metadata.without("resourceVersion"))
            .with(
                "status",
                pod.status()
                    .with("phase", "Running")
                    .with("podIP", ip)
                    .with("podIPs", List.of(Obj.of("ip", ip)))
                    .with("startTime", Meta.Times.format(timer.instant()))
                    .with("conditions", conditions)));
  }

  @Override
  public void close() {
    pods.close();
    runner.close();
  }
}
