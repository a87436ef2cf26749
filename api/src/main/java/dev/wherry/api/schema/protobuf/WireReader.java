package dev.wherry.api.schema.protobuf;

import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.StringPool;
import java.nio.charset.StandardCharsets;

/**
 * A place in a protobuf message that moves on with each read. What runs past the end is malformed.
 * Confined to one thread.
 */
final class WireReader {
  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int BYTES = 2;
  static final int FIXED32 = 5;

  private static final int MAX_POOLED_LENGTH = 48;

  private final byte[] bytes;
  private int at;
  private int end;

  WireReader(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  boolean hasMore() {
    return at < end;
  }

  /** How many bytes are left. */
  int remaining() {
    return end - at;
  }

  /** The next field's number and wire type: {@code number << 3 | type}. */
  int tag() {
    long tag = varint();
    if (tag >>> 3 == 0 || tag != (int) tag) {
      throw malformed("tag " + tag);
    }
    return (int) tag;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw malformed("end of input");
      }
      byte next = bytes[at++];
      value |= (next & 0x7FL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw malformed("varint of more than ten bytes");
  }

  double float64() {
    return Double.longBitsToDouble(fixed(8));
  }

  private long fixed(int size) {
    if (remaining() < size) {
      throw malformed("end of input");
    }
    long value = 0;
    for (int i = 0; i < size; i++) {
      value |= (bytes[at++] & 0xFFL) << (8 * i);
    }
    return value;
  }

  /** The length of the bytes that follow, which are all there. */
  private int length() {
    long length = varint();
    if (length < 0 || length > remaining()) {
      throw malformed("length " + length + " with " + remaining() + " bytes left");
    }
    return (int) length;
  }

  byte[] bytes() {
    int length = length();
    byte[] copy = new byte[length];
    System.arraycopy(bytes, at, copy, 0, length);
    at += length;
    return copy;
  }

  String string() {
    int length = length();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return length <= MAX_POOLED_LENGTH ? StringPool.pooled(text) : text;
  }

  /**
   * Narrows this reader to the message that follows; {@link #leave} widens it again.
   *
   * @return the end before
   */
  int enter() {
    int length = length();
    int outer = end;
    end = at + length;
    return outer;
  }

  /** Goes to the end of the message entered and widens the reader to the end before. */
  void leave(int outer) {
    at = end;
    end = outer;
  }

  /** Passes over the value of a field with this tag. */
  void skip(int tag) {
    switch (tag & 7) {
      case VARINT -> varint();
      case FIXED64 -> fixed(8);
      case BYTES -> {
        int length = length(); // moves `at`, so not within one expression
        at += length;
      }
      case FIXED32 -> fixed(4);
      default -> throw malformed("wire type " + (tag & 7));
    }
  }

  MalformedTreeException malformed(String what) {
    return new MalformedTreeException("malformed protobuf: " + what + " at byte " + at);
  }
}
