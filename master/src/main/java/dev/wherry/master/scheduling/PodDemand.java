package dev.wherry.master.scheduling;

import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Toleration;
import java.util.ArrayList;
import java.util.List;

/**
 * What a pod asks of a node, read once. Immutable.
 *
 * @param uid of the pod
 * @param owner the uid of its controller; empty where it has none
 * @param nodeName the only node that it may go to; empty: any
 * @param requests what must fit
 * @param assumed CPU and memory for comparing nodes
 * @param nodeSelector labels that the node must have
 * @param requiredTerms node affinity: one of these terms must match; empty: no demand
 * @param preferredTerms node affinity: terms with weights
 */
public record PodDemand(
    String uid,
    String owner,
    String nodeName,
    Amounts requests,
    Amounts assumed,
    List<HostPort> hostPorts,
    List<Toleration> tolerations,
    LabelSelector nodeSelector,
    List<NodeTerm> requiredTerms,
    List<WeightedTerm> preferredTerms) {

  /** One node selector term: all of its expressions on labels and on fields. */
  public record NodeTerm(LabelSelector labels, LabelSelector fields) {
    /** A term that asks nothing matches no node (core/v1: NodeSelectorTerm). */
    boolean matches(NodeLoad node) {
      return !(labels.isEverything() && fields.isEverything())
          && labels.matches(node.labels())
          && fields.matches(java.util.Map.of("metadata.name", node.name().text()));
    }

    static NodeTerm of(Obj term) {
      return new NodeTerm(
          expressions(term.objs("matchExpressions")), expressions(term.objs("matchFields")));
    }

    private static LabelSelector expressions(List<Obj> expressions) {
      List<LabelSelector.Requirement> requirements = new ArrayList<>();
      expressions.forEach(each -> requirements.add(LabelSelector.requirement(each)));
      return new LabelSelector(requirements);
    }
  }

  /** A term whose match is worth {@code weight}. */
  public record WeightedTerm(long weight, NodeTerm term) {}

  public PodDemand {
    hostPorts = List.copyOf(hostPorts);
    tolerations = List.copyOf(tolerations);
    requiredTerms = List.copyOf(requiredTerms);
    preferredTerms = List.copyOf(preferredTerms);
  }

  public static PodDemand of(PodView pod) {
    Obj affinity = pod.affinity().obj("nodeAffinity");
    List<NodeTerm> required = new ArrayList<>();
    for (Obj term :
        affinity.obj("requiredDuringSchedulingIgnoredDuringExecution").objs("nodeSelectorTerms")) {
      required.add(NodeTerm.of(term));
    }
    List<WeightedTerm> preferred = new ArrayList<>();
    for (Obj term : affinity.objs("preferredDuringSchedulingIgnoredDuringExecution")) {
      preferred.add(
          new WeightedTerm(term.number("weight", 1), NodeTerm.of(term.obj("preference"))));
    }
    return new PodDemand(
        pod.meta().uid(),
        pod.meta().controller().map(OwnerReference::uid).orElse(""),
        pod.nodeName(),
        Amounts.requestedBy(pod),
        Amounts.assumedOf(pod),
        HostPort.of(pod),
        pod.tolerations(),
        LabelSelector.ofLabels(pod.nodeSelector()),
        required,
        preferred);
  }
}
