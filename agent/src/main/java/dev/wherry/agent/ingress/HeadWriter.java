package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.wherry.agent.ingress.Hygiene.Client;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.Arrays;

/**
 * Writes the head of a message for the other side: the lines of the one that came but for those
 * that are about the connection, and what this proxy says itself ({@link Hygiene} does the same to
 * messages in objects). Confined to one thread.
 */
final class HeadWriter {
  /** Fields that no backend sees; those of {@link #RARE} come to no head that is written here. */
  private static final long NOT_TO_BACKEND =
      Field.CONNECTION.bit()
          | Field.KEEP_ALIVE.bit()
          | Field.PROXY_CONNECTION.bit()
          | Field.PROXY_AUTHENTICATE.bit()
          | Field.PROXY_AUTHORIZATION.bit()
          | Field.FORWARDED.bit()
          | Field.FORWARDED_FOR.bit()
          | Field.FORWARDED_PROTO.bit()
          | Field.FORWARDED_HOST.bit()
          | Field.FORWARDED_PORT.bit()
          | Field.REAL_IP.bit()
          | Field.SCHEME.bit()
          | Field.HTTP2_EXTENSION.bit();

  /** What takes more than passing it on. */
  static final long RARE =
      Field.TRANSFER_ENCODING.bit()
          | Field.EXPECT.bit()
          | Field.UPGRADE.bit()
          | Field.TE.bit()
          | Field.TRAILER.bit()
          | Field.HTTP2_SETTINGS.bit();

  private static final long NOT_TO_CLIENT =
      Field.CONNECTION.bit()
          | Field.KEEP_ALIVE.bit()
          | Field.PROXY_CONNECTION.bit()
          | Field.PROXY_AUTHENTICATE.bit()
          | Field.PROXY_AUTHORIZATION.bit()
          | Field.TE.bit()
          | Field.TRAILER.bit()
          | Field.UPGRADE.bit()
          | Field.HTTP2_SETTINGS.bit();

  private static final byte[] VERSION = bytes("HTTP/1.1");
  private static final byte[] FORWARDED_HOST = bytes("X-Forwarded-Host: ");
  private static final byte[] CLOSE = bytes("Connection: close\r\n");
  private static final byte[] LINE_END = bytes("\r\n");

  private byte[] buffer = new byte[4_096];
  private int length;

  private static byte[] bytes(String text) {
    return text.getBytes(ISO_8859_1);
  }

  /** What every request of a client is told about it, but the host that it asked. */
  static byte[] forwarded(Client client) {
    return bytes(
        "X-Forwarded-For: %s\r\nX-Real-IP: %s\r\nX-Forwarded-Proto: %s\r\nX-Forwarded-Port: %d\r\n"
            .formatted(client.address(), client.address(), client.scheme(), client.port()));
  }

  /** A request's head for its backend, its target as it came. */
  void request(HttpHead head, byte[] forwarded) {
    length = 0;
    add(head.bytes(), 0, head.start(0));
    fields(head, NOT_TO_BACKEND, "");
    add(forwarded);
    add(FORWARDED_HOST);
    int host = head.index(Field.HOST);
    add(head.bytes(), head.valueStart(host), head.valueEnd(host));
    add(LINE_END);
    add(LINE_END);
  }

  /** What a response says of the connection to its client. */
  enum Connection {
    KEPT,
    CLOSED
  }

  /**
   * A response's head for its client.
   *
   * @param named the value of its Connection field; empty: there is none
   */
  void response(HttpHead head, String named, Connection connection) {
    length = 0;
    add(VERSION);
    add(head.bytes(), VERSION.length, head.start(0));
    fields(head, NOT_TO_CLIENT, named);
    if (connection == Connection.CLOSED) {
      add(CLOSE);
    }
    add(LINE_END);
  }

  private void fields(HttpHead head, long without, String named) {
    int count = head.count();
    for (int i = 0; i < count; i++) {
      boolean dropped =
          (without & head.field(i).bit()) != 0
              || head.field(i) == Field.OTHER
                  && !named.isEmpty()
                  && Hygiene.names(named, head.name(i));
      if (!dropped) {
        add(head.bytes(), head.start(i), head.start(i + 1));
      }
    }
  }

  private void add(byte[] from) {
    add(from, 0, from.length);
  }

  private void add(byte[] from, int start, int end) {
    int more = end - start;
    if (length + more > buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, length + more));
    }
    System.arraycopy(from, start, buffer, length, more);
    length += more;
  }

  /** What was written, with room for more behind it. */
  ByteBuf take(ByteBufAllocator allocator, int room) {
    return allocator.directBuffer(length + room).writeBytes(buffer, 0, length);
  }
}
