package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/**
 * What a relay's client has sent and nobody has taken yet: requests' heads, and pieces of the body
 * that is under way. Confined to one thread.
 */
final class RelayInput {
  /** Reads that may bring a head; one that takes more is read by a decoder that goes on reading. */
  private static final int MAX_READS_OF_HEAD = 8;

  /** Past it the client is read no further until something was taken. */
  private static final int MAX_HELD_BYTES = 65_536;

  private final HeldBytes held = new HeldBytes();
  private int reads;

  /** What the client has sent by now. */
  enum Head {
    /** Not a whole head. */
    NONE,
    /** A head, which stands in the loop's. */
    WHOLE,
    /** What is no head, or comes in too many pieces. */
    ODD
  }

  /** Takes a buffer over. */
  void add(ByteBuf in, ByteBufAllocator allocator) {
    held.add(in, allocator);
    reads++;
  }

  /** Looks for a head; nothing is taken. */
  Head look(RelayLoop loop) {
    if (held.isEmpty()) {
      return Head.NONE;
    }
    return switch (loop.read(held.peek())) {
      case WHOLE -> Head.WHOLE;
      case INCOMPLETE -> reads < MAX_READS_OF_HEAD ? Head.NONE : Head.ODD;
      case MALFORMED -> Head.ODD;
    };
  }

  /** The head that was found is used. */
  void takeHead(RelayLoop loop) {
    held.skip(loop.head().end());
    reads = 0;
  }

  int length() {
    return held.length();
  }

  boolean isEmpty() {
    return held.isEmpty();
  }

  boolean isFull() {
    return held.length() > MAX_HELD_BYTES;
  }

  /** Up to so many bytes, the caller's from now on. */
  ByteBuf take(int most) {
    reads = 0;
    return held.take(most);
  }

  void release() {
    held.release();
  }
}
