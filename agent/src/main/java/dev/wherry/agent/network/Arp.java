package dev.wherry.agent.network;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.net.NetworkInterface;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Tells a segment that an address is here now (a gratuitous ARP request, RFC 5227): neighbours that
 * remember another hardware address for it learn at once instead of after half a minute.
 */
final class Arp {
  private static final int AF_PACKET = 17;
  private static final int SOCK_DGRAM = 2;
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
    try (Arena arena = Arena.ofConfined()) {
      send(arena, message(own, address.bytes()), broadcast(link.getIndex()));
    }
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

  private static void send(Arena arena, byte[] message, byte[] to) throws IOException {
    int swapped = Short.toUnsignedInt(Short.reverseBytes(ETHERTYPE_ARP));
    try {
      int socket =
          (int)
              function("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT))
                  .invokeExact(AF_PACKET, SOCK_DGRAM, swapped);
      if (socket < 0) {
        throw new IOException("no packet socket can be opened");
      }
      try {
        MemorySegment data = arena.allocateFrom(JAVA_BYTE, message);
        MemorySegment target = arena.allocateFrom(JAVA_BYTE, to);
        long sent =
            (long)
                function(
                        "sendto",
                        FunctionDescriptor.of(
                            JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT))
                    .invokeExact(
                        socket, data, (long) message.length, 0, target, SOCKET_ADDRESS_BYTES);
        if (sent != message.length) {
          throw new IOException("the announcement was not sent");
        }
      } finally {
        int _ =
            (int) function("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT)).invokeExact(socket);
      }
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IOException(e);
    }
  }

  private static MethodHandle function(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().find(name).orElseThrow(), descriptor);
  }
}
