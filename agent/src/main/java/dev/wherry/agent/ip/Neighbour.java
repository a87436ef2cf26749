package dev.wherry.agent.ip;

import dev.wherry.api.address.Ip;

/** Who has an address on a device's segment. */
public record Neighbour(Ip ip, HardwareAddress address, String device) {}
