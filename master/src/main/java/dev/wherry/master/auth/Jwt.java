package dev.wherry.master.auth;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.pki.SigningKeys;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;

/** JSON Web Tokens (RFC 7519) as far as service accounts need them: ES256, compact. Pure. */
final class Jwt {
  private static final Base64.Encoder ENCODER = Base64.getUrlEncoder().withoutPadding();
  private static final Base64.Decoder DECODER = Base64.getUrlDecoder();
  static final String ALGORITHM = "ES256";

  private Jwt() {}

  static String signed(Obj claims, SigningKeys keys) {
    Obj header = Obj.of("alg", ALGORITHM, "kid", keys.id());
    String content = part(header) + "." + part(claims);
    return content + "." + ENCODER.encodeToString(keys.sign(bytes(content)));
  }

  private static String part(Obj object) {
    return ENCODER.encodeToString(Json.write(object));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  /** The claims of a token that these keys signed; empty for anything else. */
  static Optional<Obj> claims(String token, SigningKeys keys) {
    int second = token.lastIndexOf('.');
    int first = token.indexOf('.');
    if (first <= 0 || second <= first) {
      return Optional.empty();
    }
    try {
      Obj header = object(token.substring(0, first));
      byte[] signature = DECODER.decode(token.substring(second + 1));
      if (!header.string("alg").equals(ALGORITHM)
          || !header.string("kid").equals(keys.id())
          || !keys.verifies(bytes(token.substring(0, second)), signature)) {
        return Optional.empty();
      }
      return Optional.of(object(token.substring(first + 1, second)));
    } catch (IllegalArgumentException | MalformedTreeException e) {
      return Optional.empty();
    }
  }

  private static Obj object(String part) {
    return Json.read(DECODER.decode(part));
  }
}
