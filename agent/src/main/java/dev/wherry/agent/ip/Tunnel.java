package dev.wherry.agent.ip;

import dev.wherry.api.address.Ip;

/**
 * A VXLAN's end that learns nothing on the wire (RFC 7348).
 *
 * @param mtu bytes
 * @param number the VXLAN's, 24 bits
 * @param local the node's own address
 * @param port of UDP, where the others listen
 */
public record Tunnel(
    String device, HardwareAddress address, int mtu, int number, Ip local, int port) {}
