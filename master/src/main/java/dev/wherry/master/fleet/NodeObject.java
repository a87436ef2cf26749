package dev.wherry.master.fleet;

import dev.wherry.api.object.NodeName;
import dev.wherry.api.tree.Obj;

/** The Node object that a joining agent's words make. Pure. */
final class NodeObject {
  /** Labels that only an administrator may give (Kubernetes: NodeRestriction). */
  private static final String RESTRICTED = "node-restriction.kubernetes.io/";

  /** Given once, at creation: an administrator may take a role away for good. */
  private static final String ROLE = "node-role.kubernetes.io/";

  private NodeObject() {}

  /** A node that is not there yet. */
  static Obj create(NodeName name, Obj said) {
    Obj.Builder metadata = Obj.builder().put("name", name.text());
    Obj labels = allowed(said.at("metadata", "labels"));
    metadata.put("labels", labels.with("kubernetes.io/hostname", hostname(name, labels)));
    metadata.putUnlessEmpty("annotations", said.at("metadata", "annotations"));
    Obj spec = Obj.builder().putUnlessEmpty("taints", said.obj("spec").list("taints")).build();
    return Obj.builder()
        .put("apiVersion", "v1")
        .put("kind", "Node")
        .put("metadata", metadata.build())
        .putUnlessEmpty("spec", spec)
        .putUnlessEmpty("status", said.obj("status"))
        .build();
  }

  /** A stored node with what the agent says anew: labels and annotations. */
  static Obj update(Obj stored, Obj said) {
    Obj metadata = stored.obj("metadata");
    Obj labels = metadata.obj("labels");
    for (Obj.Entry label : allowed(said.at("metadata", "labels"))) {
      if (!label.key().startsWith(ROLE)) {
        labels = labels.with(label.key(), label.value());
      }
    }
    Obj annotations = metadata.obj("annotations");
    for (Obj.Entry annotation : said.at("metadata", "annotations")) {
      annotations = annotations.with(annotation.key(), annotation.value());
    }
    if (!labels.isEmpty()) {
      metadata = metadata.with("labels", labels);
    }
    if (!annotations.isEmpty()) {
      metadata = metadata.with("annotations", annotations);
    }
    return stored.with("metadata", metadata);
  }

  private static String hostname(NodeName name, Obj labels) {
    return labels.string("kubernetes.io/hostname", name.text());
  }

  private static Obj allowed(Obj labels) {
    Obj allowed = labels;
    for (Obj.Entry label : labels) {
      if (label.key().startsWith(RESTRICTED)) {
        allowed = allowed.without(label.key());
      }
    }
    return allowed;
  }
}
