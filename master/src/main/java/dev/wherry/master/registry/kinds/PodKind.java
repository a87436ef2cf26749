package dev.wherry.master.registry.kinds;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.master.registry.ResourceDefinition;

/** Pods. */
final class PodKind {
  private static final GroupVersionKind POD = new GroupVersionKind("", "v1", "Pod");

  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "Pod", "pods")
          .shortNames("po")
          .categories("all")
          .withStatus()
          .subresource("binding", new GroupVersionKind("", "v1", "Binding"), "create")
          .subresource("eviction", new GroupVersionKind("policy", "v1", "Eviction"), "create")
          .stream("log", POD, "get")
          .stream("exec", option("PodExecOptions"), "create", "get")
          .stream("attach", option("PodAttachOptions"), "create", "get")
          .stream("portforward", option("PodPortForwardOptions"), "create", "get")
          .field("spec.nodeName")
          .field("spec.restartPolicy")
          .field("spec.schedulerName")
          .field("spec.serviceAccountName")
          .field("status.phase")
          .field("status.podIP")
          .field("status.nominatedNodeName")
          .build();

  private PodKind() {}

  private static GroupVersionKind option(String kind) {
    return new GroupVersionKind("", "v1", kind);
  }
}
