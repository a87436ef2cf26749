package dev.wherry.master.controllers.autoscaler;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.HorizontalPodAutoscalerView;
import dev.wherry.api.view.PodView;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.reconcile.Controller;
import dev.wherry.master.reconcile.ControllerRunner;
import dev.wherry.master.reconcile.EventNote;
import dev.wherry.master.reconcile.EventSink;
import dev.wherry.master.reconcile.Informer;
import dev.wherry.master.reconcile.Reconciler;
import dev.wherry.master.reconcile.ServedResource;
import dev.wherry.master.reconcile.ServedResources;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.reconcile.StatusPace;
import dev.wherry.master.reconcile.Timer;
import dev.wherry.master.registry.WriteOptions;
import dev.wherry.master.samples.UsageSamples;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Looks at each horizontal pod autoscaler every {@link #PERIOD} and scales its target. Values that
 * merely differ are written once a minute at the most: each write wears a flash card. Thread-safe.
 */
public final class AutoscalerController implements Controller, Reconciler<ObjectKey> {
  static final Duration PERIOD = Duration.ofSeconds(15);
  private static final Duration STATUS_PACE = Duration.ofMinutes(1);
  private static final int PARALLELISM = 2;

  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Informer autoscalers;
  private final ServedResources resources;
  private final UsageSamples samples;
  private final ObjectMetrics objects;
  private final EventSink.Recorder events;
  private final Timer timer;
  private final ControllerRunner<ObjectKey> runner;
  private final StatusPace<ObjectKey> pace;
  private final Map<ObjectKey, ScaleHistory> histories = new ConcurrentHashMap<>(); // one each
  private final Map<ObjectKey, String> selectors = new ConcurrentHashMap<>(); // one each

  public AutoscalerController(
      ObjectAccess access,
      SharedInformers informers,
      Informer autoscalers,
      ServedResources resources,
      UsageSamples samples,
      ObjectMetrics objects,
      EventSink.Recorder events,
      Timer timer) {
    this.access = access;
    this.informers = informers;
    this.autoscalers = autoscalers;
    this.resources = resources;
    this.samples = samples;
    this.objects = objects;
    this.events = events;
    this.timer = timer;
    this.runner = new ControllerRunner<>("horizontal-pod-autoscaler", PARALLELISM, this, timer);
    this.pace = new StatusPace<>(timer, STATUS_PACE);
    autoscalers.listen(this::onChange);
  }

  private void onChange(Informer.Change change) {
    ObjectKey key = ObjectKey.of(change.object());
    switch (change) {
      case Informer.Change.Added _ -> runner.enqueue(key);
      case Informer.Change.Modified(Obj now, Obj before) -> {
        if (!now.obj("spec").equals(before.obj("spec"))) {
          runner.enqueue(key);
        }
      }
      case Informer.Change.Removed _ -> {
        histories.remove(key);
        selectors.remove(key);
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
    Optional<HorizontalPodAutoscalerView> found =
        autoscalers.get(key).map(HorizontalPodAutoscalerView::new);
    if (found.isEmpty()) {
      return Outcome.DONE;
    }
    HorizontalPodAutoscalerView autoscaler = found.get();
    ObjectKey target = new ObjectKey(key.namespace(), autoscaler.target().string("name"));
    GroupResource resource;
    Obj scale;
    try {
      resource = resource(autoscaler);
      scale = access.get(resource, target, "scale");
    } catch (StatusException e) {
      String message = String.valueOf(e.getMessage());
      Obj failed = AutoscalerPlan.failedScale(autoscaler, message, timer.instant());
      if (!meaning(failed).equals(meaning(autoscaler.status()))) {
        events.record(EventNote.warning(autoscaler.tree(), "FailedGetScale", message));
      }
      write(autoscaler, failed);
      return Outcome.after(PERIOD);
    }
    scale(autoscaler, resource, target, scale);
    return Outcome.after(PERIOD);
  }

  private GroupResource resource(HorizontalPodAutoscalerView autoscaler) {
    String version = autoscaler.target().string("apiVersion");
    String group = version.contains("/") ? version.substring(0, version.indexOf('/')) : "";
    String kind = autoscaler.target().string("kind");
    return resources
        .find(group, kind)
        .map(ServedResource::resource)
        .orElseThrow(
            () ->
                StatusException.badRequest(
                    "no matches for kind \"" + kind + "\" in group \"" + group + "\""));
  }

  private void scale(
      HorizontalPodAutoscalerView autoscaler, GroupResource resource, ObjectKey target, Obj scale) {
    long current = scale.obj("spec").number("replicas", 0);
    long running = scale.obj("status").number("replicas", 0);
    String selector = scale.obj("status").string("selector");
    selectors.put(autoscaler.key(), selector);
    List<PodView> pods = selected(target.namespace(), selector);
    MetricPlan metrics =
        new MetricPlan(
            pods,
            this::sample,
            objects,
            target.namespace(),
            current,
            selectorFault(autoscaler.key(), selector, pods),
            timer.instant());
    AutoscalerPlan plan =
        AutoscalerPlan.plan(
            autoscaler,
            current,
            running,
            metrics,
            histories.getOrDefault(autoscaler.key(), ScaleHistory.EMPTY),
            timer.instant());
    histories.put(autoscaler.key(), plan.history());
    Obj status = plan.status();
    if (!meaning(status).equals(meaning(autoscaler.status()))) {
      plan.warnings()
          .forEach(
              each ->
                  events.record(
                      EventNote.warning(autoscaler.tree(), each.reason(), each.message())));
    }
    if (plan.replicas().isPresent()) {
      long replicas = plan.replicas().get();
      rescale(autoscaler, resource, target, scale, replicas, plan.reason());
      histories.put(autoscaler.key(), plan.history().changed(timer.instant(), replicas - current));
      status = AutoscalerPlan.rescaled(autoscaler, status, replicas, timer.instant());
    }
    write(autoscaler, status);
  }

  private List<PodView> selected(String namespace, String selector) {
    LabelSelector parsed = LabelSelector.parse(selector);
    return informers.podsIn(namespace).stream()
        .map(PodView::new)
        .filter(pod -> parsed.matches(pod.meta().labels()))
        .toList();
  }

  private Optional<MetricPlan.SelectorFault> selectorFault(
      ObjectKey key, String selector, List<PodView> pods) {
    if (selector.isEmpty()) {
      return Optional.of(MetricPlan.SelectorFault.MISSING);
    }
    List<ObjectKey> all = new ArrayList<>();
    selectors.forEach(
        (other, its) -> {
          boolean pulls =
              other.namespace().equals(key.namespace())
                  && !its.isEmpty()
                  && pods.stream()
                      .anyMatch(pod -> LabelSelector.parse(its).matches(pod.meta().labels()));
          if (pulls || other.equals(key)) {
            all.add(other);
          }
        });
    all.sort(null);
    return all.size() > 1
        ? Optional.of(MetricPlan.SelectorFault.ambiguous(selector, all))
        : Optional.empty();
  }

  /** What is told of once: an event in every period would be a write in every period. */
  private static List<String> meaning(Obj status) {
    return status.objs("conditions").stream()
        .map(each -> each.string("type") + each.string("reason") + each.string("message"))
        .toList();
  }

  private Optional<UsageSamples.PodSample> sample(PodView pod) {
    return pod.nodeName().isEmpty()
        ? Optional.empty()
        : samples
            .pod(new NodeName(pod.nodeName()), pod.key())
            .filter(each -> each.usage().uid().equals(pod.uid()));
  }

  private void rescale(
      HorizontalPodAutoscalerView autoscaler,
      GroupResource resource,
      ObjectKey target,
      Obj scale,
      long replicas,
      String reason) {
    try {
      access.update(
          resource,
          target,
          "scale",
          scale.withAt(replicas, "spec", "replicas"),
          WriteOptions.DEFAULT);
    } catch (StatusException e) {
      events.record(
          EventNote.warning(
              autoscaler.tree(),
              "FailedRescale",
              "New size: " + replicas + "; reason: " + reason + "; error: " + e.getMessage()));
      throw e;
    }
    events.record(
        EventNote.normal(
            autoscaler.tree(),
            "SuccessfulRescale",
            "New size: " + replicas + "; reason: " + reason));
  }

  private void write(HorizontalPodAutoscalerView autoscaler, Obj status) {
    Obj before = autoscaler.status();
    if (status.equals(before)) {
      return;
    }
    boolean onlyValues =
        status.without("currentMetrics").equals(before.without("currentMetrics"))
            && before.has("currentMetrics");
    if (onlyValues && !pace.left(autoscaler.key()).isZero()) {
      return;
    }
    autoscalers.wrote(
        access.updateStatus(
            GroupResource.HORIZONTAL_POD_AUTOSCALERS, autoscaler.tree().with("status", status)));
    pace.wrote(autoscaler.key());
  }
}
