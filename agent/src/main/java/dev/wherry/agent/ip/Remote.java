package dev.wherry.agent.ip;

import dev.wherry.api.address.Ip;

/**
 * The node behind a tunnel that has a hardware address.
 *
 * @param node the address that what is for it is sent to
 */
public record Remote(HardwareAddress address, String device, Ip node) {
  String words() {
    return address + " dev " + device + " dst " + node.text();
  }
}
