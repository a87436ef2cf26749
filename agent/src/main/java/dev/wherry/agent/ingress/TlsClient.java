package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;

/**
 * Who this proxy is to backends, and who they must be: connections of one such client are never
 * used for another. Thread-safe.
 */
final class TlsClient {
  private static final long HANDSHAKE_SECONDS = 5;
  private static final int ANY_PORT = -1;

  private final SslContext context;
  private final String name;
  private volatile boolean over;

  /**
   * @param name that backends are asked for, and verified by where they are; empty: none
   */
  TlsClient(SslContext context, String name) {
    this.context = context;
    this.name = name;
  }

  /** What encrypts one connection. */
  SslHandler handler(ByteBufAllocator allocator) {
    SslHandler handler =
        name.isEmpty()
            ? context.newHandler(allocator)
            : context.newHandler(allocator, name, ANY_PORT);
    handler.setHandshakeTimeout(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
    return handler;
  }

  /** Its Secret has changed, or nobody asks for it any more: no connection waits for it. */
  void end() {
    over = true;
  }

  boolean isOver() {
    return over;
  }
}
