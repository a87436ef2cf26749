package dev.wherry.master.registry;

import dev.wherry.api.status.StatusException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where a list goes on: at the revision of its first page, behind the last path it gave. Clients
 * get it as opaque text.
 *
 * @param revision {@link #NEWEST} for one that goes on with what there is, whatever has changed
 */
record ContinueToken(long revision, String afterPath) {
  static final long NEWEST = -1;

  String text() {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString((revision + "\n" + afterPath).getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Reads a token.
   *
   * @throws StatusException BAD_REQUEST when the text is none of ours
   */
  static ContinueToken parse(String text) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      int end = plain.indexOf('\n');
      if (end > 0) {
        return new ContinueToken(Long.parseLong(plain.substring(0, end)), plain.substring(end + 1));
      }
    } catch (IllegalArgumentException _) {
      // No base64 or no number: answered below.
    }
    throw StatusException.badRequest("continue key is not valid: " + text);
  }
}
