package dev.wherry.agent.link;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an agent joins by: {@code WHERRY10<SHA-256 of the authority's public key>::<id>.<secret>}.
 *
 * @param authorityHash 64 hex digits
 * @param idAndSecret what the master is shown once it is known to be the right one
 */
public record JoinToken(String authorityHash, String idAndSecret) {
  private static final Pattern TEXT =
      Pattern.compile("WHERRY10([0-9a-f]{64})::([a-z0-9]{6}\\.[a-z0-9]{16})");

  /**
   * Reads a token's text.
   *
   * @throws IllegalArgumentException when it is none; the message does not repeat it
   */
  public static JoinToken parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "this is no join token; one looks like WHERRY10<64 hex digits>::<id>.<secret>");
    }
    return new JoinToken(matcher.group(1), matcher.group(2));
  }

  /** Says which token it is, without its secret. */
  String id() {
    return idAndSecret.substring(0, idAndSecret.indexOf('.'));
  }

  byte[] authorityHashBytes() {
    return HexFormat.of().parseHex(authorityHash);
  }

  /** Without the secret: tokens do not belong into logs. */
  @Override
  public String toString() {
    return "JoinToken[" + idAndSecret.substring(0, 6) + "]";
  }
}
