package dev.wherry.api.view;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.select.LabelSelector;
import dev.wherry.api.tree.Obj;

/** A replica set, typed. */
public record ReplicaSetView(Obj tree) {
  public Meta meta() {
    return Meta.of(tree);
  }

  public ObjectKey key() {
    return ObjectKey.of(tree);
  }

  public Obj spec() {
    return tree.obj("spec");
  }

  public Obj status() {
    return tree.obj("status");
  }

  public long replicas() {
    return spec().number("replicas", 1);
  }

  public long minReadySeconds() {
    return spec().number("minReadySeconds", 0);
  }

  public LabelSelector selector() {
    return LabelSelector.of(spec().obj("selector"));
  }

  public Obj template() {
    return spec().obj("template");
  }

  /** {@code status.replicas}: how many pods the controller saw last. */
  public long observedReplicas() {
    return status().number("replicas", 0);
  }

  public long readyReplicas() {
    return status().number("readyReplicas", 0);
  }

  public long availableReplicas() {
    return status().number("availableReplicas", 0);
  }

  public long observedGeneration() {
    return status().number("observedGeneration", 0);
  }
}
