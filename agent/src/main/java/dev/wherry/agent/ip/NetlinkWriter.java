package dev.wherry.agent.ip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Puts one netlink message together (netlink(7)): its head, a fixed part, attributes that are each
 * padded to four bytes, in the machine's byte order. Confined to one thread.
 */
final class NetlinkWriter {
  static final int HEAD_BYTES = 16;

  /** More than the largest message that is made here. */
  private static final int MAX_BYTES = 1024;

  private static final int ATTRIBUTE_HEAD_BYTES = 4;

  private final ByteBuffer buffer = ByteBuffer.allocate(MAX_BYTES).order(ByteOrder.nativeOrder());

  NetlinkWriter(int type, int flags, int sequence) {
    buffer.putInt(0).putShort((short) type).putShort((short) flags).putInt(sequence).putInt(0);
  }

  NetlinkWriter int8(int value) {
    buffer.put((byte) value);
    return this;
  }

  NetlinkWriter int16(int value) {
    buffer.putShort((short) value);
    return this;
  }

  NetlinkWriter int32(int value) {
    buffer.putInt(value);
    return this;
  }

  NetlinkWriter attribute(int type, byte... value) {
    return attribute(type, () -> buffer.put(value));
  }

  NetlinkWriter attribute32(int type, int value) {
    return attribute(type, () -> buffer.putInt(value));
  }

  /** A text with the zero that ends it. */
  NetlinkWriter attribute(int type, String text) {
    return attribute(type, () -> buffer.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0));
  }

  /** An attribute that holds what is written meanwhile. */
  NetlinkWriter attribute(int type, Runnable content) {
    int start = buffer.position();
    buffer.putShort((short) 0).putShort((short) type);
    content.run();
    buffer.putShort(start, (short) (buffer.position() - start));
    while (buffer.position() % ATTRIBUTE_HEAD_BYTES != 0) {
      buffer.put((byte) 0);
    }
    return this;
  }

  byte[] finish() {
    buffer.putInt(0, buffer.position());
    byte[] message = new byte[buffer.position()];
    buffer.get(0, message);
    return message;
  }
}
