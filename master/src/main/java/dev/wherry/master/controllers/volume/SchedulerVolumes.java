package dev.wherry.master.controllers.volume;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.NodeName;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PersistentVolumeClaimView;
import dev.wherry.api.view.PersistentVolumeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.StorageClassView;
import dev.wherry.api.view.Volume;
import dev.wherry.master.access.ObjectAccess;
import dev.wherry.master.controllers.scheduler.PodVolumes;
import dev.wherry.master.reconcile.SharedInformers;
import dev.wherry.master.scheduling.NodeFacts;
import dev.wherry.master.scheduling.NodeTerm;
import dev.wherry.master.scheduling.VolumeDemand;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What pods' claims demand of their node, in Kubernetes' words, and the choice of volumes for those
 * that waited for a node. Thread-safe.
 */
public final class SchedulerVolumes implements PodVolumes {
  private final ObjectAccess access;
  private final SharedInformers informers;
  private final Storage storage;

  public SchedulerVolumes(ObjectAccess access, SharedInformers informers) {
    this.access = access;
    this.informers = informers;
    this.storage = Storage.of(informers);
  }

  /** Collects the demands of one pod. */
  private final class Demand {
    private final PodView pod;
    private String fault = "";
    private int lost;
    private final List<List<NodeTerm>> bound = new ArrayList<>();
    private final List<VolumeDemand.OpenClaim> open = new ArrayList<>();
    private final Set<String> exclusive = new HashSet<>();

    Demand(PodView pod) {
      this.pod = pod;
    }

    VolumeDemand collect(List<ObjectKey> claims) {
      for (ObjectKey key : claims) {
        Optional<PersistentVolumeClaimView> claim = storage.claim(key);
        if (claim.isEmpty()) {
          say(missing(key.name()));
        } else {
          add(claim.get());
        }
      }
      return new VolumeDemand(fault, bound, lost, open, exclusive);
    }

    private String missing(String name) {
      boolean ephemeral =
          pod.volumes().stream()
              .anyMatch(
                  each ->
                      Storage.isEphemeral(each)
                          && name.equals(pod.key().name() + "-" + each.name()));
      return ephemeral
          ? "waiting for ephemeral volume controller to create the persistentvolumeclaim \""
              + name
              + "\""
          : "persistentvolumeclaim \"" + name + "\" not found";
    }

    private void say(String message) {
      fault = fault.isEmpty() ? message : fault;
    }

    private void add(PersistentVolumeClaimView claim) {
      if (claim.accessModes().contains("ReadWriteOncePod")) {
        exclusive.add(claim.key().toString());
      }
      if (claim.meta().isTerminating()) {
        say("persistentvolumeclaim \"" + claim.key().name() + "\" is being deleted");
      } else if (claim.phase().equals("Lost")) {
        say(
            "persistentvolumeclaim \""
                + claim.key().name()
                + "\" bound to non-existent persistentvolume \""
                + claim.volumeName()
                + "\"");
      } else if (claim.isBound()) {
        addBound(claim);
      } else {
        addOpen(claim);
      }
    }

    private void addBound(PersistentVolumeClaimView claim) {
      Optional<PersistentVolumeView> volume = storage.volume(claim.volumeName());
      if (volume.isEmpty()) {
        lost++;
      } else {
        List<NodeTerm> terms = NodeTerm.listOf(volume.get().requiredNodes());
        if (!terms.isEmpty()) {
          bound.add(terms);
        }
      }
    }

    private void addOpen(PersistentVolumeClaimView claim) {
      Optional<StorageClassView> found = claim.storageClassName().flatMap(storage::storageClass);
      boolean waits =
          found.filter(StorageClassView::waitsForFirstConsumer).isPresent()
              && claim.volumeName().isEmpty();
      if (!waits) {
        say("pod has unbound immediate PersistentVolumeClaims");
        return;
      }
      Optional<PersistentVolumeView> promised = VolumeMatch.promised(claim, storage.volumes());
      List<PersistentVolumeView> suiting =
          promised.map(List::of).orElseGet(() -> VolumeMatch.suiting(claim, storage.volumes()));
      open.add(
          new VolumeDemand.OpenClaim(
              claim.key().toString(),
              suiting.stream()
                  .map(
                      each ->
                          new VolumeDemand.Candidate(
                              each.name(), NodeTerm.listOf(each.requiredNodes())))
                  .toList(),
              promised.isPresent() ? Optional.empty() : provisioned(claim, found.get())));
    }
  }

  /** Where a volume can be made; empty: nowhere. */
  private static Optional<List<NodeTerm>> provisioned(
      PersistentVolumeClaimView claim, StorageClassView storageClass) {
    boolean ours = storageClass.provisioner().equals(ClaimPlan.PROVISIONER);
    boolean able =
        !storageClass.provisioner().equals("kubernetes.io/no-provisioner")
            && !(ours
                && (!claim.spec().obj("selector").isEmpty() || claim.volumeMode().equals("Block")));
    if (!able) {
      return Optional.empty();
    }
    String selected = claim.meta().annotations().getOrDefault(ClaimPlan.SELECTED_NODE, "");
    if (!selected.isEmpty()) {
      LabelSelector name =
          new LabelSelector(
              List.of(new LabelSelector.Requirement.In("metadata.name", Set.of(selected))));
      return Optional.of(List.of(new NodeTerm(LabelSelector.EVERYTHING, name)));
    }
    return Optional.of(
        storageClass.allowedTopologies().stream().map(SchedulerVolumes::topology).toList());
  }

  private static NodeTerm topology(Obj term) {
    List<LabelSelector.Requirement> requirements = new ArrayList<>();
    for (Obj each : term.objs("matchLabelExpressions")) {
      requirements.add(
          new LabelSelector.Requirement.In(each.string("key"), Set.copyOf(each.strings("values"))));
    }
    return new NodeTerm(new LabelSelector(requirements), LabelSelector.EVERYTHING);
  }

  @Override
  public VolumeDemand demand(PodView pod) {
    List<Volume> volumes = pod.volumes();
    if (volumes.isEmpty()) {
      return VolumeDemand.NONE;
    }
    List<ObjectKey> claims = Storage.claimsOf(pod);
    return claims.isEmpty() ? VolumeDemand.NONE : new Demand(pod).collect(claims);
  }

  @Override
  public Progress bind(PodView pod, NodeName name) {
    VolumeDemand demand = demand(pod);
    if (demand.equals(VolumeDemand.NONE)) {
      return Progress.BOUND;
    }
    Optional<NodeFacts> node =
        informers.nodes().get(new ObjectKey("", name.text())).map(NodeView::new).map(NodeFacts::of);
    if (node.isEmpty() || !demand.isMetBy(node.get())) {
      return Progress.LOST;
    }
    if (demand.open().isEmpty()) {
      return Progress.BOUND;
    }
    Optional<Map<String, VolumeDemand.Choice>> choices = demand.choices(node.get());
    if (choices.isEmpty()) {
      return Progress.LOST;
    }
    choices.get().forEach((claim, choice) -> choose(key(claim), choice, name));
    return Progress.WAITING;
  }

  private static ObjectKey key(String text) {
    int slash = text.indexOf('/');
    return new ObjectKey(text.substring(0, slash), text.substring(slash + 1));
  }

  private void choose(ObjectKey key, VolumeDemand.Choice choice, NodeName node) {
    Optional<PersistentVolumeClaimView> claim = storage.claim(key);
    if (claim.isEmpty()) {
      return;
    }
    switch (choice) {
      case VolumeDemand.Choice.Existing(String volume) ->
          storage.volume(volume).ifPresent(each -> promise(each, claim.get()));
      case VolumeDemand.Choice.Provisioned() -> select(claim.get(), node);
    }
  }

  private void promise(PersistentVolumeView volume, PersistentVolumeClaimView claim) {
    if (!volume.isClaimed() || volume.claimUid().isEmpty()) {
      storage
          .volumeObjects()
          .wrote(
              access.update(GroupResource.PERSISTENT_VOLUMES, BoundObjects.claimed(volume, claim)));
    }
  }

  private void select(PersistentVolumeClaimView claim, NodeName node) {
    String selected = claim.meta().annotations().getOrDefault(ClaimPlan.SELECTED_NODE, "");
    if (!selected.equals(node.text())) {
      storage
          .claimObjects()
          .wrote(
              access.update(
                  GroupResource.PERSISTENT_VOLUME_CLAIMS,
                  claim
                      .tree()
                      .withAt(node.text(), "metadata", "annotations", ClaimPlan.SELECTED_NODE)));
    }
  }
}
