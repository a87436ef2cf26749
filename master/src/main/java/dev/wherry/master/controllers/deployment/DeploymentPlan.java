package dev.wherry.master.controllers.deployment;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DeploymentView;
import dev.wherry.api.view.ReplicaSetView;
import dev.wherry.master.controllers.workload.PodCount;
import dev.wherry.master.controllers.workload.PodTemplate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a deployment does next. Pure: the plan on what is there after a plan was carried out, and
 * nothing else happened, is empty.
 *
 * @param create the replica set of a new template
 * @param changes what becomes of sets that there are
 * @param delete old sets past the history limit
 * @param revision the deployment's revision annotation as it should be; empty: as it is
 * @param status as it is to be written, if it differs
 */
record DeploymentPlan(
    Optional<Obj> create,
    List<SetChange> changes,
    List<ObjectKey> delete,
    String revision,
    DeploymentStatus status) {

  /** A replica set's new size and the annotations to be set; {@code replicas} may be what it is. */
  record SetChange(
      ReplicaSetView set, long replicas, Map<String, String> annotations, long minReadySeconds) {
    boolean scales() {
      return replicas != set.replicas();
    }
  }

  DeploymentPlan {
    changes = List.copyOf(changes);
    delete = List.copyOf(delete);
  }

  /** Whether nothing but perhaps the status is to be written. */
  boolean isEmpty() {
    return create.isEmpty() && changes.isEmpty() && delete.isEmpty() && revision.isEmpty();
  }

  /**
   * @param sets those that the deployment owns
   * @param collisions how often the template's hash proved to be taken by another template
   */
  static DeploymentPlan plan(
      DeploymentView deployment, List<ObservedSet> sets, long collisions, Instant now) {
    return new Planning(deployment, sets, collisions, now).plan();
  }

  /** One run of {@link #plan}. Confined to one thread. */
  private static final class Planning {
    private final DeploymentView deployment;
    private final List<ObservedSet> sets;
    private final long collisions;
    private final Instant now;
    private final Optional<ObservedSet> existing;
    private final List<ObservedSet> oldSets;
    private final long revision;

    Planning(DeploymentView deployment, List<ObservedSet> sets, long collisions, Instant now) {
      this.deployment = deployment;
      this.sets = sets.stream().sorted(ObservedSet.BY_AGE).toList();
      this.collisions = collisions;
      this.now = now;
      this.existing =
          this.sets.stream()
              .filter(set -> PodTemplate.areAlike(set.set().template(), deployment.template()))
              .findFirst();
      this.oldSets =
          this.sets.stream().filter(set -> existing.filter(set::equals).isEmpty()).toList();
      this.revision =
          1 + oldSets.stream().mapToLong(set -> Annotations.revision(set.meta())).max().orElse(0);
    }

    DeploymentPlan plan() {
      if (deployment.meta().isTerminating()) {
        return new DeploymentPlan(
            Optional.empty(), List.of(), List.of(), "", status(existing, false));
      }
      if (deployment.paused() || isScaling()) {
        Map<String, Long> sizes =
            isScaling() ? Sizes.scaled(deployment, existing, oldSets) : Map.of();
        return new DeploymentPlan(
            Optional.empty(), changes(sizes), List.of(), revisionText(), status(existing, false));
      }
      return rollOut();
    }

    /** Whether the deployment's replicas changed since its sets were scaled last. */
    private boolean isScaling() {
      return sets.stream()
          .filter(set -> set.replicas() > 0)
          .map(set -> Annotations.desiredReplicas(set.set()))
          .anyMatch(desired -> desired >= 0 && desired != deployment.replicas());
    }

    private DeploymentPlan rollOut() {
      // A set that is to be made takes part with size 0, so that old ones may shrink at once.
      ObservedSet newSet = existing.orElseGet(() -> new ObservedSet(made(0), PodCount.NONE));
      Map<String, Long> sizes =
          deployment.recreates()
              ? Sizes.recreating(deployment, Optional.of(newSet), oldSets)
              : Sizes.rolling(deployment, newSet, oldSets);
      Optional<Obj> create = Optional.empty();
      if (existing.isEmpty()) {
        create = Optional.of(made(sizes.getOrDefault(newSet.name(), 0L)).tree());
      }
      DeploymentStatus status = status(Optional.of(newSet), existing.isEmpty());
      List<ObjectKey> surplus = status.complete() ? pastHistoryLimit() : List.of();
      return new DeploymentPlan(create, changes(sizes), surplus, revisionText(), status);
    }

    private DeploymentStatus status(Optional<ObservedSet> newSet, boolean made) {
      return DeploymentStatus.of(deployment, newSet, made, oldSets, collisions, now);
    }

    private String revisionText() {
      long wanted =
          existing
              .map(set -> Math.max(revision, Annotations.revision(set.meta())))
              .orElse(revision);
      boolean makesOne = existing.isPresent() || !deployment.paused() && !isScaling();
      return !makesOne || Annotations.revision(deployment.meta()) == wanted
          ? ""
          : Long.toString(wanted);
    }

    private List<SetChange> changes(Map<String, Long> sizes) {
      List<SetChange> changes = new ArrayList<>();
      for (ObservedSet set : sets) {
        long size = sizes.getOrDefault(set.name(), set.replicas());
        boolean isNew = existing.filter(set::equals).isPresent();
        Map<String, String> annotations = new LinkedHashMap<>();
        if (isNew) {
          annotations.putAll(Annotations.ofNewSet(deployment, set.meta(), revision));
        }
        if (isNew || size > 0 || size != set.replicas()) {
          annotations.putAll(Annotations.ofScaledSet(deployment));
        }
        annotations.entrySet().removeAll(set.meta().annotations().entrySet());
        boolean waitsOtherwise =
            isNew && set.set().minReadySeconds() != deployment.minReadySeconds();
        if (size != set.replicas() || !annotations.isEmpty() || waitsOtherwise) {
          long minReady = isNew ? deployment.minReadySeconds() : set.set().minReadySeconds();
          changes.add(new SetChange(set.set(), size, annotations, minReady));
        }
      }
      return changes;
    }

    private ReplicaSetView made(long replicas) {
      String hash = PodTemplate.hash(deployment.template(), collisions);
      Meta meta = deployment.meta();
      Map<String, String> annotations =
          new LinkedHashMap<>(Annotations.ofNewSet(deployment, new Meta(Obj.EMPTY), revision));
      annotations.putAll(Annotations.ofScaledSet(deployment));
      Obj labels = Meta.of(deployment.template()).tree().obj("labels");
      Obj hashed = labels.with(PodTemplate.HASH_LABEL, hash);
      Obj selector =
          deployment
              .spec()
              .obj("selector")
              .change("matchLabels", match -> match.with(PodTemplate.HASH_LABEL, hash));
      Obj template =
          deployment.template().change("metadata", metadata -> metadata.with("labels", hashed));
      Obj.Builder spec = Obj.builder().put("replicas", replicas);
      if (deployment.minReadySeconds() > 0) {
        spec.put("minReadySeconds", deployment.minReadySeconds());
      }
      return new ReplicaSetView(
          Obj.of(
              "apiVersion",
              "apps/v1",
              "kind",
              "ReplicaSet",
              "metadata",
              Obj.of(
                  "name",
                  meta.name() + "-" + hash,
                  "namespace",
                  meta.namespace(),
                  "labels",
                  hashed,
                  "annotations",
                  annotations,
                  "ownerReferences",
                  List.of(OwnerReference.controlledBy(deployment.tree()).toObj())),
              "spec",
              spec.put("selector", selector).put("template", template).build()));
    }

    /** The oldest revisions among the sets that have neither pods nor a wish for any. */
    private List<ObjectKey> pastHistoryLimit() {
      List<ObservedSet> idle =
          oldSets.stream()
              .filter(set -> set.replicas() == 0 && set.pods().existing() == 0)
              .filter(set -> set.set().observedReplicas() == 0)
              .filter(set -> set.set().observedGeneration() >= set.meta().generation())
              .filter(set -> !set.meta().isTerminating())
              .sorted(
                  Comparator.<ObservedSet>comparingLong(set -> Annotations.revision(set.meta()))
                      .thenComparing(ObservedSet.BY_AGE))
              .toList();
      long surplus = Math.max(0, oldSets.size() - deployment.revisionHistoryLimit());
      return idle.stream().limit(surplus).map(set -> set.set().key()).toList();
    }
  }
}
