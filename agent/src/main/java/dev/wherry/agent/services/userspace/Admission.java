package dev.wherry.agent.services.userspace;

import dev.wherry.agent.services.Backend;
import dev.wherry.api.address.Ip;

/** Whether network policies let a client be led to a backend. Thread-safe; does not block. */
@FunctionalInterface
public interface Admission {

  /**
   * @param client its own address, which the backend does not see
   * @param protocol {@code tcp} or {@code udp}
   */
  boolean admits(Ip client, String protocol, Backend backend);
}
