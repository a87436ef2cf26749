package dev.wherry.agent.ip;

import java.util.HexFormat;

/** An Ethernet address: six octets, first the one that is sent first. Immutable. */
public record HardwareAddress(long bits) {
  private static final int BYTES = 6;

  public HardwareAddress {
    if (bits >>> 8 * BYTES != 0) {
      throw new IllegalArgumentException("more than 48 bits: " + bits);
    }
  }

  /** Such as {@code ee:ee:ee:ee:ee:ee}. */
  public static HardwareAddress parse(String text) {
    return of(HexFormat.ofDelimiter(":").parseHex(text));
  }

  /**
   * @throws IllegalArgumentException when these are not six bytes
   */
  public static HardwareAddress of(byte[] bytes) {
    if (bytes.length != BYTES) {
      throw new IllegalArgumentException(
          "not a hardware address of six bytes: " + HexFormat.ofDelimiter(":").formatHex(bytes));
    }
    long bits = 0;
    for (byte each : bytes) {
      bits = bits << 8 | each & 0xff;
    }
    return new HardwareAddress(bits);
  }

  public byte[] bytes() {
    byte[] bytes = new byte[BYTES];
    for (int i = 0; i < BYTES; i++) {
      bytes[i] = (byte) (bits >> 8 * (BYTES - 1 - i));
    }
    return bytes;
  }

  @Override
  public String toString() {
    return HexFormat.ofDelimiter(":").formatHex(bytes());
  }
}
