package dev.wherry.master.controllers.statefulset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StatefulSetView;
import dev.wherry.master.controllers.workload.Revisions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What a stateful set does next. In order unless it is Parallel: one step at a time, and none while
 * a pod of a lower ordinal is not available. Pure: the plan on what is there after a plan was
 * carried out, and nothing else happened, is empty.
 *
 * <p>One step more than Kubernetes: a pod that is not ready and has another template than it should
 * is replaced at once, so that a template that never becomes ready does not hold up the one that
 * mends it. It is unavailable already; nothing is lost.
 *
 * @param claims claims to be made, before the pods
 * @param owned claims whose owners change, before pods are deleted
 * @param create pods to be made
 * @param update pods with the labels that they lack
 * @param delete pods to be deleted
 * @param waits whether a claim that is going has to be gone first
 */
record StatefulSetPlan(
    List<Obj> claims,
    List<Obj> owned,
    List<Obj> create,
    List<Obj> update,
    List<Obj> delete,
    boolean waits) {

  StatefulSetPlan {
    claims = List.copyOf(claims);
    owned = List.copyOf(owned);
    create = List.copyOf(create);
    update = List.copyOf(update);
    delete = List.copyOf(delete);
  }

  boolean isEmpty() {
    return claims.isEmpty()
        && owned.isEmpty()
        && create.isEmpty()
        && update.isEmpty()
        && delete.isEmpty();
  }

  /**
   * @param pods those that the set controls
   * @param claims what claim there is of a name
   */
  static StatefulSetPlan plan(
      StatefulSetView set,
      List<Obj> pods,
      Function<ObjectKey, Optional<Obj>> claims,
      Revisions revisions,
      Instant now) {
    return new Planning(set, pods, claims, revisions, now).plan();
  }

  static boolean isHealthy(PodView pod) {
    return pod.phase().equals("Running") && pod.isReady() && !pod.isTerminating();
  }

  /** One run of {@link #plan}. Confined to one thread. */
  private static final class Planning {
    private final StatefulSetView set;
    private final Function<ObjectKey, Optional<Obj>> existing;
    private final Revisions revisions;
    private final Instant now;
    private final TreeMap<Long, PodView> replicas = new TreeMap<>();
    private final TreeMap<Long, PodView> condemned = new TreeMap<>(Comparator.reverseOrder());
    private final List<Obj> claims = new ArrayList<>();
    private final List<Obj> owned = new ArrayList<>();
    private final List<Obj> create = new ArrayList<>();
    private final List<Obj> update = new ArrayList<>();
    private final List<Obj> delete = new ArrayList<>();
    private boolean waits;

    Planning(
        StatefulSetView set,
        List<Obj> pods,
        Function<ObjectKey, Optional<Obj>> existing,
        Revisions revisions,
        Instant now) {
      this.set = set;
      this.existing = existing;
      this.revisions = revisions;
      this.now = now;
      for (Obj pod : pods) {
        Identity.ordinal(set, pod)
            .ifPresent(
                ordinal ->
                    (isWanted(ordinal) ? replicas : condemned).put(ordinal, new PodView(pod)));
      }
    }

    private boolean isWanted(long ordinal) {
      return ordinal >= set.start() && ordinal < end();
    }

    private long end() {
      return set.start() + set.replicas();
    }

    StatefulSetPlan plan() {
      if (!set.meta().isTerminating()) {
        keepClaims();
        if (keepReplicas() && removeCondemned() && !set.replacesOnDelete()) {
          rollOut();
        }
      }
      return new StatefulSetPlan(claims, owned, create, update, delete, waits);
    }

    /** Says of each claim with whom it goes, and makes those that a pod waits for. */
    private void keepClaims() {
      replicas.forEach(
          (ordinal, pod) -> {
            if (pod.phase().equals("Pending") && !pod.isTerminating()) {
              Identity.claims(set, ordinal).stream()
                  .filter(each -> existing.apply(ObjectKey.of(each)).isEmpty())
                  .forEach(each -> claims.add(ClaimOwners.of(set, each, Optional.empty())));
            }
            own(ordinal, Optional.empty());
          });
      condemned.forEach((ordinal, pod) -> own(ordinal, Optional.of(pod)));
    }

    private void own(long ordinal, Optional<PodView> doomed) {
      for (ObjectKey key : Identity.claimKeys(set, ordinal)) {
        existing
            .apply(key)
            .filter(each -> !Meta.of(each).isTerminating())
            .ifPresent(
                each -> {
                  Obj should = ClaimOwners.of(set, each, doomed);
                  if (!should.equals(each)) {
                    owned.add(should);
                  }
                });
      }
    }

    /** Whether all replicas are there as far as the next steps ask it. */
    private boolean keepReplicas() {
      for (long ordinal = set.start(); ordinal < end(); ordinal++) {
        PodView pod = replicas.get(ordinal);
        boolean settled = pod == null ? make(ordinal) : keep(ordinal, pod);
        if (!settled && !set.isParallel()) {
          return false;
        }
      }
      return true;
    }

    private boolean make(long ordinal) {
      for (Obj claim : Identity.claims(set, ordinal)) {
        Optional<Obj> there = existing.apply(ObjectKey.of(claim));
        if (there.isPresent() && ClaimOwners.isLeaving(there.get())) {
          waits = true;
          return false;
        }
        if (there.isEmpty()) {
          claims.add(ClaimOwners.of(set, claim, Optional.empty()));
        }
      }
      create.add(Identity.pod(set, ordinal, revision(ordinal)));
      return false;
    }

    /** Whether the pod is as it should be, so that the next may have its turn. */
    private boolean keep(long ordinal, PodView pod) {
      if (pod.isTerminating()) {
        return false;
      }
      if (pod.isFinished()) {
        delete.add(pod.tree());
        return false;
      }
      Obj labelled = Identity.withIdentity(set, ordinal, pod.tree());
      if (!labelled.equals(pod.tree())) {
        update.add(labelled);
      }
      if (isAvailable(pod)) {
        return true;
      }
      if (!set.isParallel() && isOutdated(ordinal, pod) && !isHealthy(pod)) {
        delete.add(pod.tree());
      }
      return false;
    }

    private boolean isOutdated(long ordinal, PodView pod) {
      return !set.replacesOnDelete() && !revisionOf(pod).equals(Revisions.name(revision(ordinal)));
    }

    private boolean isAvailable(PodView pod) {
      return isHealthy(pod) && pod.isAvailable(set.minReadySeconds(), now);
    }

    private static String revisionOf(PodView pod) {
      return pod.meta().labels().getOrDefault(Revisions.HASH, "");
    }

    /** The revision that a pod of this ordinal should have. */
    private Obj revision(long ordinal) {
      boolean held = !set.replacesOnDelete() && ordinal < set.start() + set.partition();
      return held ? revisions.named(set.status().string("currentRevision")) : revisions.update();
    }

    /** The highest ordinal goes first; whether the next step may be taken. */
    private boolean removeCondemned() {
      for (PodView pod : condemned.values()) {
        if (!pod.isTerminating()) {
          delete.add(pod.tree());
        }
        if (!set.isParallel()) {
          return false;
        }
      }
      return true;
    }

    /** Whoever is unavailable counts against maxUnavailable, below the partition too. */
    private void rollOut() {
      long first = set.start() + Math.min(set.partition(), set.replicas());
      long available = replicas.values().stream().filter(this::isAvailable).count();
      long unavailable = set.replicas() - available;
      for (PodView pod : replicas.tailMap(first, true).descendingMap().values()) {
        boolean current = revisionOf(pod).equals(Revisions.name(revisions.update()));
        if (current || pod.isTerminating() || pod.isFinished()) {
          continue;
        }
        if (!isHealthy(pod)) {
          delete.add(pod.tree());
        } else if (isAvailable(pod) && unavailable < set.maxUnavailable()) {
          delete.add(pod.tree());
          unavailable++;
        }
      }
    }
  }
}
