package dev.wherry.master.bootstrap;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.api.view.IngressClassView;
import dev.wherry.master.access.ObjectAccess;

/**
 * The IngressClass of the nodes' own controller, which is the default one until somebody says
 * otherwise in it.
 */
record DefaultIngressClass(ObjectAccess access) {
  private static final String NAME = "wherry";

  /** Makes it where it is missing. */
  void ensure() {
    try {
      access.create(
          GroupResource.INGRESS_CLASSES,
          Obj.of(
              "apiVersion",
              "networking.k8s.io/v1",
              "kind",
              "IngressClass",
              "metadata",
              Obj.of(
                  "name",
                  NAME,
                  "annotations",
                  Obj.of("ingressclass.kubernetes.io/is-default-class", "true")),
              "spec",
              Obj.of("controller", IngressClassView.CONTROLLER)));
    } catch (StatusException e) {
      if (e.reason() != Reason.ALREADY_EXISTS) {
        throw e;
      }
    }
  }
}
