package dev.wherry.master.controllers.statefulset;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.StatefulSetView;
import dev.wherry.master.controllers.workload.Revisions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What makes one pod of a stateful set itself: its name by ordinal, the labels and the host name
 * that follow from it, and the claims that are its alone. Pure.
 */
final class Identity {
  private static final String NAME_LABEL = "statefulset.kubernetes.io/pod-name";
  private static final String INDEX_LABEL = "apps.kubernetes.io/pod-index";

  private Identity() {}

  static String podName(StatefulSetView set, long ordinal) {
    return set.meta().name() + "-" + ordinal;
  }

  /** The ordinal that the pod's name says; empty where it is not a name of the set's. */
  static OptionalLong ordinal(StatefulSetView set, Obj pod) {
    String name = Meta.of(pod).name();
    String prefix = set.meta().name() + "-";
    if (!name.startsWith(prefix)) {
      return OptionalLong.empty();
    }
    try {
      long ordinal = Integer.parseInt(name.substring(prefix.length()));
      return ordinal >= 0 && podName(set, ordinal).equals(name)
          ? OptionalLong.of(ordinal)
          : OptionalLong.empty();
    } catch (NumberFormatException _) {
      return OptionalLong.empty(); // web-front-0 is no pod of web
    }
  }

  /** The pod of this ordinal as the revision has it. */
  static Obj pod(StatefulSetView set, long ordinal, Obj revision) {
    Obj template = Revisions.templateOf(revision);
    Obj metadata = template.obj("metadata");
    Obj.Builder made =
        Obj.builder()
            .put("name", podName(set, ordinal))
            .put("namespace", set.meta().namespace())
            .put("labels", Meta.of(template).labels());
    for (String copied : List.of("annotations", "finalizers")) {
      metadata.get(copied).filter(each -> each != Null.NULL).ifPresent(v -> made.put(copied, v));
    }
    made.put("ownerReferences", List.of(OwnerReference.controlledBy(set.tree()).toObj()));
    Obj pod =
        Obj.of(
            "apiVersion",
            "v1",
            "kind",
            "Pod",
            "metadata",
            made.build(),
            "spec",
            template.obj("spec"));
    Obj labelled = pod.withAt(Revisions.name(revision), "metadata", "labels", Revisions.HASH);
    Obj spec =
        labelled
            .obj("spec")
            .with("hostname", podName(set, ordinal))
            .with("subdomain", set.serviceName());
    return withIdentity(set, ordinal, labelled.with("spec", withClaims(set, ordinal, spec)));
  }

  /** The pod with the labels that its ordinal asks; as it is where it has them. */
  static Obj withIdentity(StatefulSetView set, long ordinal, Obj pod) {
    return pod.change(
        "metadata",
        metadata ->
            metadata.change(
                "labels",
                labels ->
                    labels
                        .with(NAME_LABEL, podName(set, ordinal))
                        .with(INDEX_LABEL, Long.toString(ordinal))));
  }

  /** A claim's volume stands in the place of one of its name in the template. */
  private static Obj withClaims(StatefulSetView set, long ordinal, Obj spec) {
    if (set.volumeClaimTemplates().isEmpty()) {
      return spec;
    }
    Map<String, Obj> volumes = new LinkedHashMap<>();
    for (Obj claim : set.volumeClaimTemplates()) {
      String name = Meta.of(claim).name();
      volumes.put(
          name,
          Obj.of(
              "name",
              name,
              "persistentVolumeClaim",
              Obj.of("claimName", claimName(set, ordinal, claim))));
    }
    for (Obj volume : spec.objs("volumes")) {
      volumes.putIfAbsent(volume.string("name"), volume);
    }
    return spec.with("volumes", new ArrayList<>(volumes.values()));
  }

  private static String claimName(StatefulSetView set, long ordinal, Obj template) {
    return Meta.of(template).name() + "-" + podName(set, ordinal);
  }

  /** The claims of this ordinal as they are made. */
  static List<Obj> claims(StatefulSetView set, long ordinal) {
    List<Obj> claims = new ArrayList<>();
    for (Obj template : set.volumeClaimTemplates()) {
      Map<String, String> labels = new LinkedHashMap<>(Meta.of(template).labels());
      labels.putAll(set.spec().obj("selector").stringMap("matchLabels"));
      Obj.Builder metadata =
          Obj.builder()
              .put("name", claimName(set, ordinal, template))
              .put("namespace", set.meta().namespace())
              .putUnlessEmpty("labels", labels)
              .putUnlessEmpty("annotations", Meta.of(template).annotations());
      claims.add(
          Obj.of(
              "apiVersion",
              "v1",
              "kind",
              "PersistentVolumeClaim",
              "metadata",
              metadata.build(),
              "spec",
              template.obj("spec")));
    }
    return claims;
  }

  static List<ObjectKey> claimKeys(StatefulSetView set, long ordinal) {
    return claims(set, ordinal).stream().map(ObjectKey::of).toList();
  }
}
