package dev.wherry.master.pki;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads DER part by part. Confined to one thread. Every method throws {@link
 * IllegalArgumentException} when the bytes are no such thing.
 */
final class DerInput {
  private static final int SEQUENCE = 0x30;
  private static final int SET = 0x31;
  private static final int CONTEXT = 0x80;
  private static final int CONSTRUCTED = 0x20;
  private static final int BMP_STRING = 0x1e;
  private static final int MAX_LENGTH_DIGITS = 3;

  private final byte[] bytes;
  private int position;
  private final int end;

  DerInput(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private DerInput(byte[] bytes, int start, int end) {
    this.bytes = bytes;
    this.position = start;
    this.end = end;
  }

  /** One part: its tag, where it begins and where its content is. */
  private record Part(int tag, int start, int contentStart, int end) {}

  /** The content of the next part, which is a sequence. */
  DerInput sequence() {
    return inside(SEQUENCE);
  }

  /** The content of the next part, which is a set. */
  DerInput set() {
    return inside(SET);
  }

  private DerInput inside(int tag) {
    Part part = next();
    if (part.tag() != tag) {
      throw new IllegalArgumentException("another part was expected at byte " + part.start());
    }
    return new DerInput(bytes, part.contentStart(), part.end());
  }

  /** The content of the next part, which has this context-specific number and holds others. */
  DerInput explicit(int number) {
    return inside(CONTEXT | CONSTRUCTED | number);
  }

  /** Whether there is a next part, and this is its tag. */
  boolean isNext(int tag) {
    return hasMore() && (bytes[position] & 0xff) == tag;
  }

  /** Whether there is a next part that has this context-specific number and holds others. */
  boolean isNextExplicit(int number) {
    return isNext(CONTEXT | CONSTRUCTED | number);
  }

  /** The tag of the next part, without reading it. */
  int tag() {
    if (position >= end) {
      throw new IllegalArgumentException("the encoding ends at byte " + position);
    }
    return bytes[position] & 0xff;
  }

  boolean hasMore() {
    return position < end;
  }

  /** The next part, which is a string of any of the types that names have. */
  String text() {
    Part part = next();
    return new String(
        bytes,
        part.contentStart(),
        part.end() - part.contentStart(),
        part.tag() == BMP_STRING ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8);
  }

  /** The next part as it stands, tag and length included. */
  byte[] whole() {
    Part part = next();
    return Arrays.copyOfRange(bytes, part.start(), part.end());
  }

  /** The content of the next part. */
  byte[] content() {
    Part part = next();
    return Arrays.copyOfRange(bytes, part.contentStart(), part.end());
  }

  /** The next part, which is an object identifier, in its dotted form. */
  String oid() {
    byte[] content = content();
    StringBuilder dotted = new StringBuilder();
    long value = 0;
    for (byte digit : content) {
      value = value << 7 | (digit & 0x7f);
      if (digit >= 0) {
        if (dotted.isEmpty()) {
          long first = Math.min(2, value / 40);
          dotted.append(first).append('.').append(value - 40 * first);
        } else {
          dotted.append('.').append(value);
        }
        value = 0;
      }
    }
    return dotted.toString();
  }

  /** The next part, which is a bit string of whole bytes. */
  byte[] bits() {
    byte[] content = content();
    if (content.length == 0 || content[0] != 0) {
      throw new IllegalArgumentException("a bit string of whole bytes was expected");
    }
    return Arrays.copyOfRange(content, 1, content.length);
  }

  private Part next() {
    int start = position;
    int tag = octet();
    int length = octet();
    if (length > 0x80) {
      int digits = length & 0x7f;
      if (digits > MAX_LENGTH_DIGITS) {
        throw new IllegalArgumentException("too long a part at byte " + start);
      }
      length = 0;
      for (int i = 0; i < digits; i++) {
        length = length << 8 | octet();
      }
    }
    int contentStart = position;
    if (length > end - contentStart) {
      throw new IllegalArgumentException("the part at byte " + start + " is cut off");
    }
    position = contentStart + length;
    return new Part(tag, start, contentStart, position);
  }

  private int octet() {
    if (position >= end) {
      throw new IllegalArgumentException("the encoding ends at byte " + position);
    }
    return bytes[position++] & 0xff;
  }
}
