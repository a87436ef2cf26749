package dev.wherry.agent.network;

import dev.wherry.agent.linux.Linux;
import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells a segment that an address is here now (a gratuitous ARP request, RFC 5227): neighbours that
 * remember another hardware address for it learn at once instead of after half a minute.
 */
final class Arp {
  private static final int AF_PACKET = 17;
  private static final short ETHERTYPE_ARP = 0x0806;
  private static final int HARDWARE_BYTES = 6;
  private static final int MESSAGE_BYTES = 28;
  private static final int SOCKET_ADDRESS_BYTES = 20;

  private Arp() {}

  /** Sends one announcement, where the device is an Ethernet one. */
  static void announce(String device, Ip address) throws IOException {
    NetworkInterface link = NetworkInterface.getByName(device);
    byte[] own = link == null ? null : link.getHardwareAddress();
    if (link == null || own == null || own.length != HARDWARE_BYTES) {
      return;
    }
    Linux.sendPacket(ETHERTYPE_ARP, message(own, address.bytes()), broadcast(link.getIndex()));
  }

  /** The message: who has this address? Tell this address. */
  static byte[] message(byte[] own, byte[] address) {
    ByteBuffer message = ByteBuffer.allocate(MESSAGE_BYTES);
    message.putShort((short) 1).putShort((short) 0x0800); // Ethernet, IPv4
    message.put((byte) HARDWARE_BYTES).put((byte) address.length).putShort((short) 1); // request
    message.put(own).put(address).put(new byte[HARDWARE_BYTES]).put(address);
    return message.array();
  }

  /** {@code struct sockaddr_ll} (packet(7)) of everybody on the segment. */
  private static byte[] broadcast(int index) {
    ByteBuffer to = ByteBuffer.allocate(SOCKET_ADDRESS_BYTES).order(ByteOrder.nativeOrder());
    to.putShort((short) AF_PACKET);
    to.order(ByteOrder.BIG_ENDIAN).putShort(ETHERTYPE_ARP).order(ByteOrder.nativeOrder());
    to.putInt(index).putShort((short) 1).put((byte) 0).put((byte) HARDWARE_BYTES);
    for (int i = 0; i < HARDWARE_BYTES; i++) {
      to.put((byte) 0xff);
    }
    return to.array();
  }
}
