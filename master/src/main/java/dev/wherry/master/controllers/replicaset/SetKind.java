package dev.wherry.master.controllers.replicaset;

import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.ReplicaSetView;

/** The two kinds of sets of pods, which differ in how they write their selector. */
public enum SetKind {
  REPLICA_SET("ReplicaSet", "replicaset-controller") {
    @Override
    ReplicaSetView view(Obj object) {
      return new ReplicaSetView(object);
    }
  },

  /** Its selector is a bare map of labels. */
  REPLICATION_CONTROLLER("ReplicationController", "replication-controller") {
    @Override
    ReplicaSetView view(Obj object) {
      Obj labels = object.obj("spec").obj("selector");
      return new ReplicaSetView(object.withAt(Obj.of("matchLabels", labels), "spec", "selector"));
    }

    @Override
    Obj status(Obj ofReplicaSet) {
      return ofReplicaSet.without("terminatingReplicas");
    }
  };

  private final String kind;
  private final String controller;

  SetKind(String kind, String controller) {
    this.kind = kind;
    this.controller = controller;
  }

  String kind() {
    return kind;
  }

  /** The name under which it acts. */
  public String controller() {
    return controller;
  }

  /** The object as a replica set. */
  abstract ReplicaSetView view(Obj object);

  /** The status of such a replica set as the kind has it. */
  Obj status(Obj ofReplicaSet) {
    return ofReplicaSet;
  }
}
