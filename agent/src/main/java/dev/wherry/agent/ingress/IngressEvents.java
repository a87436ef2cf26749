package dev.wherry.agent.ingress;

import dev.wherry.api.object.ObjectKey;

/** Makes events of Ingresses. Never blocks; thread-safe. */
@FunctionalInterface
public interface IngressEvents {
  /** A warning of this reason; nothing comes of it when the Ingress is gone. */
  void warn(ObjectKey ingress, String reason, String message);
}
