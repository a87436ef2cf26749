package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/**
 * Bytes that came and were not used yet, in the buffer that they came in where that is one. Who
 * adds them bounds them. Confined to one thread.
 */
final class HeldBytes {
  private @Nullable ByteBuf held;

  /** Takes a buffer over. */
  void add(ByteBuf in, ByteBufAllocator allocator) {
    ByteBuf before = held;
    if (before == null) {
      held = in;
      return;
    }
    ByteBuf both = allocator.directBuffer(before.readableBytes() + in.readableBytes());
    both.writeBytes(before).writeBytes(in);
    before.release();
    in.release();
    held = both;
  }

  int length() {
    ByteBuf now = held;
    return now == null ? 0 : now.readableBytes();
  }

  boolean isEmpty() {
    return held == null;
  }

  /** All of it, still held: to look at. Empty where there is none. */
  ByteBuf peek() {
    ByteBuf now = held;
    return now == null ? Unpooled.EMPTY_BUFFER : now;
  }

  /** Up to so many bytes, the caller's from now on. */
  ByteBuf take(int most) {
    ByteBuf now = peek();
    if (most >= now.readableBytes()) {
      held = null;
      return now;
    }
    return now.readRetainedSlice(most);
  }

  /** Forgets so many bytes, of those that are here. */
  void skip(int length) {
    ByteBuf now = peek();
    now.skipBytes(length);
    if (!now.isReadable()) {
      release();
    }
  }

  void release() {
    peek().release();
    held = null;
  }
}
