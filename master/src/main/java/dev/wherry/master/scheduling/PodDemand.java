package dev.wherry.master.scheduling;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ContainerView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import dev.wherry.api.view.Toleration;
import java.time.Instant;
import java.util.List;

/**
 * What a pod asks of a node, read once. Immutable.
 *
 * @param uid of the pod
 * @param owner the uid of its controller; empty where it has none
 * @param priority pods of lower priority may have to go for it
 * @param started when it began to run; the end of time where it did not
 * @param nodeName the only node that it may go to; empty: any
 * @param requests what must fit
 * @param assumed CPU and memory for comparing nodes
 * @param nodeSelector labels that the node must have
 * @param requiredTerms node affinity: one of these terms must match; empty: no demand
 * @param preferredTerms node affinity: terms with weights
 * @param images of its containers, in full
 */
public record PodDemand(
    String uid,
    ObjectKey key,
    PodLabels labels,
    String owner,
    long priority,
    Instant started,
    boolean terminating,
    String nodeName,
    Amounts requests,
    Amounts assumed,
    List<HostPort> hostPorts,
    List<Toleration> tolerations,
    LabelSelector nodeSelector,
    List<NodeTerm> requiredTerms,
    List<WeightedTerm> preferredTerms,
    PodAffinity affinity,
    List<SpreadConstraint> spread,
    List<String> images,
    VolumeDemand volumes) {

  /** A term whose match is worth {@code weight}. */
  public record WeightedTerm(long weight, NodeTerm term) {}

  public PodDemand {
    hostPorts = List.copyOf(hostPorts);
    tolerations = List.copyOf(tolerations);
    requiredTerms = List.copyOf(requiredTerms);
    preferredTerms = List.copyOf(preferredTerms);
    spread = List.copyOf(spread);
    images = List.copyOf(images);
  }

  /** A pod without demands of volumes. */
  public static PodDemand of(PodView pod) {
    return of(pod, VolumeDemand.NONE);
  }

  public static PodDemand of(PodView pod, VolumeDemand volumes) {
    Meta meta = pod.meta();
    PodLabels labels = new PodLabels(meta.namespace(), meta.labels());
    Obj affinity = pod.affinity();
    Obj nodeAffinity = affinity.obj("nodeAffinity");
    return new PodDemand(
        meta.uid(),
        pod.key(),
        labels,
        meta.controller().map(OwnerReference::uid).orElse(""),
        pod.priority(),
        pod.startTime().orElse(Instant.MAX),
        pod.isTerminating(),
        pod.nodeName(),
        Amounts.requestedBy(pod),
        Amounts.assumedOf(pod),
        HostPort.of(pod),
        pod.tolerations(),
        LabelSelector.ofLabels(pod.nodeSelector()),
        NodeTerm.listOf(nodeAffinity.obj("requiredDuringSchedulingIgnoredDuringExecution")),
        nodeAffinity.objs("preferredDuringSchedulingIgnoredDuringExecution").stream()
            .map(
                each ->
                    new WeightedTerm(each.number("weight", 1), NodeTerm.of(each.obj("preference"))))
            .toList(),
        PodAffinity.of(affinity, labels),
        SpreadConstraint.listOf(pod.spec(), labels),
        pod.containers().stream().map(ContainerView::image).map(ImageReference::full).toList(),
        volumes);
  }

  boolean tolerates(Taint taint) {
    for (Toleration each : tolerations) {
      if (each.tolerates(taint)) {
        return true;
      }
    }
    return false;
  }

  /** Whether labels, name and fields of the node are those that the pod asks for. */
  boolean selects(NodeFacts node) {
    return nodeSelector.matches(node.labels())
        && (requiredTerms.isEmpty() || NodeTerm.anyMatches(requiredTerms, node));
  }

  boolean toleratesAll(NodeFacts node) {
    for (Taint taint : node.taints()) {
      boolean repels =
          taint.effect().equals(Taint.NO_SCHEDULE) || taint.effect().equals(Taint.NO_EXECUTE);
      if (repels && !tolerates(taint)) {
        return false;
      }
    }
    return true;
  }
}
