package dev.wherry.master.pki;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * One of the other names of a certificate's subject (RFC 5280, 4.2.1.6). Immutable.
 *
 * @param value of an address, its literal
 */
public record AlternativeName(Kind kind, String value) {
  /** The kinds that Kubernetes knows, by their numbers in DER. */
  public enum Kind {
    EMAIL(1),
    DNS(2),
    URI(6),
    ADDRESS(7);

    private final int number;

    Kind(int number) {
      this.number = number;
    }
  }

  private static final int CONTEXT = 0x80;

  /** Reads the next part; empty for a kind that is unknown. */
  static Optional<AlternativeName> read(DerInput input) {
    int tag = input.tag();
    byte[] content = input.content();
    for (Kind each : Kind.values()) {
      if (tag == (CONTEXT | each.number)) {
        String value =
            each == Kind.ADDRESS
                ? address(content)
                : new String(content, StandardCharsets.US_ASCII);
        return Optional.of(new AlternativeName(each, value));
      }
    }
    return Optional.empty();
  }

  private static String address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes).getHostAddress();
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address of " + bytes.length + " bytes", e);
    }
  }

  byte[] encoded() {
    return Der.implicit(
        kind.number,
        kind == Kind.ADDRESS
            ? ServerNames.literal(value).getAddress()
            : value.getBytes(StandardCharsets.US_ASCII));
  }
}
