package dev.wherry.master.http;

import dev.wherry.master.access.Identity;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;

/**
 * A whole request. The body is not to be changed.
 *
 * @param target path and query as the client wrote them
 * @param path decoded
 */
record ApiRequest(
    String method,
    String target,
    String path,
    Query query,
    HttpHeaders headers,
    byte[] body,
    Identity identity) {

  /** The header's first value, or the empty string. */
  String header(String name) {
    String value = headers.get(name);
    return value == null ? "" : value;
  }

  /**
   * The media type of the body, without parameters, in lower case; JSON where the client says none.
   */
  String contentType() {
    String type = header("content-type");
    int parameters = type.indexOf(';');
    String bare = (parameters < 0 ? type : type.substring(0, parameters)).strip();
    return bare.isEmpty() ? "application/json" : bare.toLowerCase(Locale.ROOT);
  }
}
