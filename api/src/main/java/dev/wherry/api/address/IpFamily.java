package dev.wherry.api.address;

import java.util.Optional;

/** One of the two families of addresses, in Kubernetes' words. */
public enum IpFamily {
  IPV4("IPv4", 32),
  IPV6("IPv6", 128);

  private final String text;
  private final int bits;

  IpFamily(String text, int bits) {
    this.text = text;
    this.bits = bits;
  }

  /** The family that {@code ipFamilies} or an {@code addressType} names, if it is one. */
  public static Optional<IpFamily> of(String text) {
    for (IpFamily each : values()) {
      if (each.text.equals(text)) {
        return Optional.of(each);
      }
    }
    return Optional.empty();
  }

  /** As {@code ipFamilies} and {@code addressType} name it. */
  public String text() {
    return text;
  }

  /** Of an address. */
  public int bits() {
    return bits;
  }

  /** Whether the text is an address of this family. */
  public boolean isAddress(String address) {
    return Ip.find(address).filter(ip -> ip.family() == this).isPresent();
  }

  /** Whether the text is a range of this family. */
  public boolean isRange(String range) {
    return Cidr.find(range).filter(cidr -> cidr.family() == this).isPresent();
  }

  @Override
  public String toString() {
    return text;
  }
}
