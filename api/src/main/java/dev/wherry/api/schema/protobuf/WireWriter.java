package dev.wherry.api.schema.protobuf;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Writes a protobuf message from its end to its beginning: so the length of what is nested is known
 * when it is due, without a pass that only measures. What is to come last is written first.
 * Confined to one thread; {@link #clear} makes it new.
 */
public final class WireWriter {
  private static final int FIRST_CAPACITY = 2048;
  private static final int MAX_VARINT_BYTES = 10;

  private byte[] bytes = new byte[FIRST_CAPACITY];

  /** Where the written bytes begin; they reach to the array's end. */
  private int start = FIRST_CAPACITY;

  /** How many bytes are written. A mark for {@link #message}. */
  public int size() {
    return bytes.length - start;
  }

  public byte[] toByteArray() {
    return Arrays.copyOfRange(bytes, start, bytes.length);
  }

  /** Forgets what is written and keeps the memory. */
  public void clear() {
    start = bytes.length;
  }

  private void reserve(int count) {
    if (start >= count) {
      return;
    }
    int size = size();
    byte[] wider = new byte[Math.max(2 * bytes.length, size + count)];
    System.arraycopy(bytes, start, wider, wider.length - size, size);
    bytes = wider;
    start = wider.length - size;
  }

  void varint(long value) {
    int count = 1;
    for (long rest = value >>> 7; rest != 0; rest >>>= 7) {
      count++;
    }
    reserve(MAX_VARINT_BYTES);
    start -= count;
    long rest = value;
    for (int i = 0; i < count; i++, rest >>>= 7) {
      bytes[start + i] = (byte) (i == count - 1 ? rest : rest & 0x7F | 0x80);
    }
  }

  private void tag(int field, int wireType) {
    varint((long) field << 3 | wireType);
  }

  void raw(byte[] content) {
    reserve(content.length);
    start -= content.length;
    System.arraycopy(content, 0, bytes, start, content.length);
  }

  public void integer(int field, long value) {
    varint(value);
    tag(field, WireReader.VARINT);
  }

  public void bool(int field, boolean value) {
    integer(field, value ? 1 : 0);
  }

  public void float64(int field, double value) {
    reserve(8);
    long bits = Double.doubleToRawLongBits(value);
    for (int i = 7; i >= 0; i--) {
      bytes[--start] = (byte) (bits >>> (8 * i));
    }
    tag(field, WireReader.FIXED64);
  }

  public void bytes(int field, byte[] content) {
    raw(content);
    varint(content.length);
    tag(field, WireReader.BYTES);
  }

  public void string(int field, String text) {
    int length = text.length();
    reserve(length);
    int at = start - length;
    for (int i = 0; i < length; i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        bytes(field, text.getBytes(StandardCharsets.UTF_8));
        return;
      }
      bytes[at + i] = (byte) c;
    }
    start = at;
    varint(length);
    tag(field, WireReader.BYTES);
  }

  /** Closes a nested message: what was written since the mark becomes the field's content. */
  public void message(int field, int mark) {
    varint(size() - mark);
    tag(field, WireReader.BYTES);
  }
}
