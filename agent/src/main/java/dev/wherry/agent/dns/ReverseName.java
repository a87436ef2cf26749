package dev.wherry.agent.dns;

import dev.wherry.api.address.Ip;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** The names under which addresses are asked for their hosts (RFC 1035, 3.5; RFC 3596, 2.5). */
final class ReverseName {
  private static final String IPV4 = ".in-addr.arpa";
  private static final String IPV6 = ".ip6.arpa";
  private static final int NIBBLES = 32;

  private ReverseName() {}

  /** The whole address that a name in lower case stands for; empty for any other name. */
  static Optional<Ip> address(String name) {
    if (name.endsWith(IPV4)) {
      return Ip.find(String.join(".", reversed(name, IPV4)));
    }
    if (!name.endsWith(IPV6)) {
      return Optional.empty();
    }
    List<String> nibbles = reversed(name, IPV6);
    String digits = String.join("", nibbles);
    if (nibbles.size() != NIBBLES
        || digits.length() != NIBBLES
        || !digits.chars().allMatch(HexFormat::isHexDigit)) {
      return Optional.empty();
    }
    return Optional.of(
        new Ip(
            HexFormat.fromHexDigitsToLong(digits, 0, NIBBLES / 2),
            HexFormat.fromHexDigitsToLong(digits, NIBBLES / 2, NIBBLES)));
  }

  private static List<String> reversed(String name, String suffix) {
    return Arrays.asList(name.substring(0, name.length() - suffix.length()).split("\\."))
        .reversed();
  }
}
