package dev.wherry.agent.ingress;

import io.netty.buffer.ByteBuf;

/**
 * Finds the end of a body in chunks (RFC 9112, 7.1) as its bytes go by. Confined to one thread.
 *
 * <pre>
 * SIZE --digits--> SIZE --;--> EXTENSION --LF--> DATA --CR LF--> SIZE
 *                  size 0: --LF--> TRAILER (line by line) --empty line--> OVER
 * </pre>
 */
final class ChunkedBody {
  private static final int MAX_SIZE_DIGITS = 15;

  /** Bytes of one chunk's extensions, and of all trailers. */
  private static final int MAX_ASIDE_BYTES = 16_384;

  private enum State {
    SIZE,
    EXTENSION,
    SIZE_LF,
    DATA,
    DATA_CR,
    DATA_LF,
    TRAILER_START,
    TRAILER,
    TRAILER_LF,
    LAST_LF,
    OVER
  }

  private State state = State.SIZE;
  private long size;
  private int digits;
  private int aside;

  /** Before another body. */
  void begin() {
    state = State.SIZE;
    size = 0;
    digits = 0;
    aside = 0;
  }

  boolean isOver() {
    return state == State.OVER;
  }

  /**
   * Goes over the readable bytes up to the body's end.
   *
   * @return how many of them are the body's; -1: they are no chunks
   */
  int follow(ByteBuf in) {
    int at = in.readerIndex();
    int end = in.writerIndex();
    while (at < end && state != State.OVER) {
      if (state == State.DATA) {
        int part = (int) Math.min(size, end - at);
        at += part;
        size -= part;
        if (size == 0) {
          state = State.DATA_CR;
        }
      } else if (!step(in.getByte(at++))) {
        return -1;
      }
    }
    return at - in.readerIndex();
  }

  private boolean step(byte each) {
    return switch (state) {
      case SIZE -> size(each);
      case EXTENSION -> each == '\r' ? go(State.SIZE_LF) : isAside(each);
      case SIZE_LF -> each == '\n' && go(size == 0 ? State.TRAILER_START : State.DATA);
      case DATA_CR -> each == '\r' && go(State.DATA_LF);
      case DATA_LF -> {
        begin();
        yield each == '\n';
      }
      case TRAILER_START -> each == '\r' ? go(State.LAST_LF) : isAside(each) && go(State.TRAILER);
      case TRAILER -> each == '\r' ? go(State.TRAILER_LF) : isAside(each);
      case TRAILER_LF -> each == '\n' && go(State.TRAILER_START);
      case LAST_LF -> each == '\n' && go(State.OVER);
      case DATA, OVER -> throw new IllegalStateException(state.name());
    };
  }

  private boolean go(State next) {
    state = next;
    return true;
  }

  private boolean size(byte each) {
    int digit = each < 0 ? -1 : Character.digit(each, 16);
    if (digit >= 0) {
      size = size << 4 | digit;
      return ++digits <= MAX_SIZE_DIGITS;
    }
    if (digits == 0) {
      return false;
    }
    return switch (each) {
      case '\r' -> go(State.SIZE_LF);
      case ';', ' ', '\t' -> go(State.EXTENSION);
      default -> false;
    };
  }

  private boolean isAside(byte each) {
    return (each >= 0x20 || each < 0 || each == '\t') && ++aside <= MAX_ASIDE_BYTES;
  }
}
