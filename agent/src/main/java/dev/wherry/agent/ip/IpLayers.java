package dev.wherry.agent.ip;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way to the kernel's interfaces and routes that this machine offers. */
public final class IpLayers {
  private static final Logger LOG = LoggerFactory.getLogger(IpLayers.class);

  private IpLayers() {}

  /** By system calls where this process may make them, else through programs. */
  public static IpLayer open() {
    try {
      return NetlinkIp.open();
    } catch (IOException e) {
      LOG.warn("ip is started for every change, which is slower: {}", e.getMessage());
      return new IpCommand();
    }
  }
}
