package dev.wherry.agent.sync;

import java.io.IOException;

/** A container's configuration cannot be made whole (CreateContainerConfigError). */
final class ConfigException extends IOException {
  private static final long serialVersionUID = 1L;

  ConfigException(String message) {
    super(message);
  }
}
