package dev.wherry.master.controllers.disruption;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodDisruptionBudgetView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.scheduling.DisruptionBudget;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps the status of pod disruption budgets, by which evictions are decided. Thread-safe. */
public final class BudgetController implements Controller, Reconciler<ObjectKey> {
  private static final int PARALLELISM = 2;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final ServedResources resources;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;

  public BudgetController(
      ObjectAccess access,
      SharedInformers informers,
      ServedResources resources,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.resources = resources;
    this.events = events;
    this.timer = timer;
    this.runner = new ControllerRunner<>("disruption-controller", PARALLELISM, this, timer);
    informers
        .podDisruptionBudgets()
        .listen(change -> runner.enqueue(ObjectKey.of(change.object())));
    informers.pods().listen(this::onPod);
    informers.deployments().listen(this::onOwner);
    informers.replicaSets().listen(this::onOwner);
  }

  /** The budgets as the scheduler looks at them. */
  public static List<DisruptionBudget> current(SharedInformers informers) {
    return informers.podDisruptionBudgets().all().stream()
        .map(PodDisruptionBudgetView::new)
        .map(
            each ->
                new DisruptionBudget(
                    each.key().namespace(),
                    each.selector(),
                    each.disruptionsAllowed(),
                    each.disruptedPods().keySet()))
        .toList();
  }

  private void onPod(Informer.Change change) {
    PodView pod = new PodView(change.object());
    enqueueFor(pod);
    if (change instanceof Informer.Change.Modified(Obj _, Obj before)
        && !Meta.of(before).labels().equals(pod.meta().labels())) {
      enqueueFor(new PodView(before));
    }
  }

  private void enqueueFor(PodView pod) {
    for (PodDisruptionBudgetView budget : budgets(pod.key().namespace())) {
      if (budget.selects(pod.meta().labels())) {
        runner.enqueue(budget.key());
      }
    }
  }

  private List<PodDisruptionBudgetView> budgets(String namespace) {
    return informers.podDisruptionBudgets().all().stream()
        .map(PodDisruptionBudgetView::new)
        .filter(each -> each.key().namespace().equals(namespace))
        .toList();
  }

  /** How many pods there should be is said by their controllers. */
  private void onOwner(Informer.Change change) {
    boolean scaled =
        !(change instanceof Informer.Change.Modified(Obj now, Obj before))
            || now.obj("spec").number("replicas", 1) != before.obj("spec").number("replicas", 1);
    if (scaled) {
      budgets(ObjectKey.of(change.object()).namespace())
          .forEach(each -> runner.enqueue(each.key()));
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
    Optional<PodDisruptionBudgetView> found =
        informers.podDisruptionBudgets().get(key).map(PodDisruptionBudgetView::new);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    PodDisruptionBudgetView budget = found.get();
    List<PodView> pods =
        informers.podsIn(key.namespace()).stream()
            .map(PodView::new)
            .filter(pod -> budget.selects(pod.meta().labels()))
            .toList();
    BudgetPlan plan = plan(budget, pods);
    write(budget, plan.status());
    for (String name : plan.notDeleted()) {
      events.record(
          EventNote.warning(
              budget.tree(),
              "NotDeleted",
              "Pod " + name + " was expected by PDB " + key + " to be deleted but it wasn't"));
    }
    return plan.recheck().map(Outcome::after).orElse(Outcome.DONE);
  }

  private BudgetPlan plan(PodDisruptionBudgetView budget, List<PodView> pods) {
    if (!BudgetPlan.needsScale(budget)) {
      return BudgetPlan.plan(budget, pods, 0, timer.instant());
    }
    Map<String, Long> scales = new HashMap<>();
    if (pods.stream().anyMatch(pod -> pod.meta().controller().isEmpty())) {
      tellOfUnmanaged(budget);
    }
    for (PodView pod : pods) {
      if (pod.meta().controller().isEmpty()) {
        continue;
      }
      Optional<Scale> scale = scale(pod);
      if (scale.isEmpty()) {
        String message = "found no controllers for pod \"" + pod.key().name() + "\"";
        events.record(
            EventNote.warning(
                budget.tree(),
                "CalculateExpectedPodCountFailed",
                "Failed to calculate the number of expected pods: " + message));
        return BudgetPlan.failed(budget, message, timer.instant());
      }
      scales.put(scale.get().uid(), scale.get().replicas());
    }
    long sum = scales.values().stream().mapToLong(Long::longValue).sum();
    return BudgetPlan.plan(budget, pods, sum, timer.instant());
  }

  /** Once for each generation: it stays as it is until somebody changes something. */
  private void tellOfUnmanaged(PodDisruptionBudgetView budget) {
    if (budget.status().number("observedGeneration", 0) != budget.meta().generation()) {
      events.record(
          EventNote.warning(
              budget.tree(),
              "UnmanagedPods",
              "Pods selected by this PodDisruptionBudget were found to be unmanaged. As a result,"
                  + " the status of the PDB cannot be calculated correctly, which may result in"
                  + " undefined behavior. To account for these pods please set"
                  + " \".spec.minAvailable\" field of the PDB to an integer value."));
    }
  }

  /** A controller and how many pods it is to have. */
  private record Scale(String uid, long replicas) {}

  private Optional<Scale> scale(PodView pod) {
    Optional<OwnerReference> owner = pod.meta().controller();
    if (owner.isEmpty()) {
      return Optional.empty();
    }
    if (owner.get().kind().equals("ReplicaSet")) {
      Optional<Obj> set =
          informers.replicaSets().get(new ObjectKey(pod.key().namespace(), owner.get().name()));
      Optional<OwnerReference> above = set.flatMap(each -> Meta.of(each).controller());
      return above
          .filter(each -> each.kind().equals("Deployment"))
          .map(each -> scale(pod.key().namespace(), each))
          .orElseGet(() -> set.map(BudgetController::scale));
    }
    return scale(pod.key().namespace(), owner.get());
  }

  private static Scale scale(Obj workload) {
    return new Scale(Meta.of(workload).uid(), workload.obj("spec").number("replicas", 1));
  }

  private Optional<Scale> scale(String namespace, OwnerReference owner) {
    ObjectKey key = new ObjectKey(namespace, owner.name());
    if (owner.kind().equals("Deployment")) {
      return informers.deployments().get(key).map(BudgetController::scale);
    }
    try {
      return resources
          .find(owner)
          .map(each -> access.get(each.resource(), key, "scale"))
          .map(each -> new Scale(owner.uid(), each.obj("spec").number("replicas", 0)));
    } catch (StatusException e) {
      if (e.reason() == Reason.NOT_FOUND || e.reason() == Reason.METHOD_NOT_ALLOWED) {
        return Optional.empty(); // no such object, or a kind that cannot be scaled
      }
      throw e;
    }
  }

  private void write(PodDisruptionBudgetView budget, Obj status) {
    if (!status.equals(budget.status())) {
      informers
          .podDisruptionBudgets()
          .wrote(
              access.updateStatus(
                  GroupResource.POD_DISRUPTION_BUDGETS, budget.tree().with("status", status)));
    }
  }
}
