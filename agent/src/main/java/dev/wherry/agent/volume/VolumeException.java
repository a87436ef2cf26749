package dev.wherry.agent.volume;

import java.io.IOException;

/** A volume cannot be had (yet). The message is fit for an event. */
public final class VolumeException extends IOException {
  private static final long serialVersionUID = 1L;

  public VolumeException(String message) {
    super(message);
  }
}
