package dev.wherry.api.view;

import dev.wherry.api.tree.Obj;
import java.util.List;

/** A class of persistent volumes, typed. */
public record StorageClassView(Obj tree) implements ObjectView {
  public static final String IS_DEFAULT = "storageclass.kubernetes.io/is-default-class";

  public String name() {
    return meta().name();
  }

  public String provisioner() {
    return tree.string("provisioner");
  }

  public boolean isDefault() {
    return meta().annotations().getOrDefault(IS_DEFAULT, "").equals("true");
  }

  /** {@code Delete} or {@code Retain}. */
  public String reclaimPolicy() {
    return tree.string("reclaimPolicy", "Delete");
  }

  public boolean waitsForFirstConsumer() {
    return tree.string("volumeBindingMode").equals("WaitForFirstConsumer");
  }

  public boolean allowsExpansion() {
    return tree.flag("allowVolumeExpansion");
  }

  public String parameter(String name) {
    return tree.obj("parameters").string(name);
  }

  public List<String> mountOptions() {
    return tree.strings("mountOptions");
  }

  public List<Obj> allowedTopologies() {
    return tree.objs("allowedTopologies");
  }
}
