package dev.wherry.master.controllers.daemonset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.DaemonSetView;
import dev.wherry.api.view.NodeView;
import dev.wherry.api.view.PodView;
import dev.wherry.api.view.Taint;
import dev.wherry.api.view.Toleration;
import dev.wherry.master.controllers.workload.PodTemplate;
import dev.wherry.master.controllers.workload.Revisions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The pod of a daemon set for one node: bound to it by affinity, so that the scheduler places it,
 * and tolerating what nodes suffer. Pure.
 */
final class DaemonPod {
  private static final String NODE_NAME_FIELD = "metadata.name";
  private static final String REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";

  /** Tolerations that every daemon pod gets (Kubernetes: DaemonSet, taints and tolerations). */
  private static final List<Taint> TOLERATED =
      List.of(
          Taint.of(Taint.NOT_READY, Taint.NO_EXECUTE),
          Taint.of(Taint.UNREACHABLE, Taint.NO_EXECUTE),
          Taint.of("node.kubernetes.io/disk-pressure", Taint.NO_SCHEDULE),
          Taint.of("node.kubernetes.io/memory-pressure", Taint.NO_SCHEDULE),
          Taint.of("node.kubernetes.io/pid-pressure", Taint.NO_SCHEDULE),
          Taint.of(Taint.UNSCHEDULABLE, Taint.NO_SCHEDULE));

  private static final Taint NETWORK =
      Taint.of("node.kubernetes.io/network-unavailable", Taint.NO_SCHEDULE);

  /** Whether a node has a pod of the set. */
  enum Fit {
    /** It should have one. */
    RUNS,
    /** It keeps the one that it has and gets none anew. */
    KEEPS,
    /** It has none. */
    REFUSES
  }

  private DaemonPod() {}

  static Obj of(DaemonSetView set, String node, String hash) {
    Obj pod = PodTemplate.podOf(set.template(), set.tree());
    return pod.withAt(hash, "metadata", "labels", Revisions.HASH)
        .change("spec", spec -> onNode(withTolerations(spec), node));
  }

  /** The node selector terms of the template give way to the node's name; so does Kubernetes. */
  private static Obj onNode(Obj spec, String node) {
    Obj term =
        Obj.of(
            "matchFields",
            List.of(Obj.of("key", NODE_NAME_FIELD, "operator", "In", "values", List.of(node))));
    return spec.withAt(
        Obj.of("nodeSelectorTerms", List.of(term)), "affinity", "nodeAffinity", REQUIRED);
  }

  private static Obj withTolerations(Obj spec) {
    List<Obj> tolerations = new ArrayList<>(spec.objs("tolerations"));
    for (Taint each : tolerated(spec)) {
      Obj toleration = Obj.of("key", each.key(), "operator", "Exists", "effect", each.effect());
      if (!tolerations.contains(toleration)) {
        tolerations.add(toleration);
      }
    }
    return spec.with("tolerations", tolerations);
  }

  private static List<Taint> tolerated(Obj spec) {
    List<Taint> all = new ArrayList<>(TOLERATED);
    if (spec.flag("hostNetwork")) {
      all.add(NETWORK);
    }
    return all;
  }

  /** Which node the pod is on, or is meant for while it is not bound; empty: none. */
  static String nodeOf(PodView pod) {
    if (!pod.nodeName().isEmpty()) {
      return pod.nodeName();
    }
    Obj required = pod.affinity().at("nodeAffinity", REQUIRED);
    for (Obj term : required.objs("nodeSelectorTerms")) {
      for (Obj field : term.objs("matchFields")) {
        if (field.string("key").equals(NODE_NAME_FIELD) && field.strings("values").size() == 1) {
          return field.strings("values").getFirst();
        }
      }
    }
    return "";
  }

  static Fit fit(DaemonSetView set, NodeView node) {
    Obj spec = set.template().obj("spec");
    String name = spec.string("nodeName");
    if (!name.isEmpty() && !name.equals(node.meta().name()) || !isSelected(spec, node)) {
      return Fit.REFUSES;
    }
    List<Toleration> tolerations =
        withTolerations(spec).objs("tolerations").stream().map(Toleration::new).toList();
    Fit fit = Fit.RUNS;
    for (Taint taint : node.taints()) {
      boolean borne = tolerations.stream().anyMatch(each -> each.tolerates(taint));
      if (!borne && taint.effect().equals(Taint.NO_EXECUTE)) {
        return Fit.REFUSES;
      }
      if (!borne && taint.effect().equals(Taint.NO_SCHEDULE)) {
        fit = Fit.KEEPS;
      }
    }
    return fit;
  }

  private static boolean isSelected(Obj spec, NodeView node) {
    Map<String, String> labels = node.labels();
    if (!labels.entrySet().containsAll(spec.stringMap("nodeSelector").entrySet())) {
      return false;
    }
    Obj affinity = spec.at("affinity", "nodeAffinity");
    return !affinity.has(REQUIRED)
        || NodeTerms.anyMatches(affinity.obj(REQUIRED), Meta.of(node.tree()));
  }
}
