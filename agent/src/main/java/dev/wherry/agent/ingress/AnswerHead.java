package dev.wherry.agent.ingress;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/**
 * How an answer's body is delimited on its way to a client (RFC 9112, 6.3), which may speak another
 * version than the backend does. Pure, but that it changes the response that it is given.
 */
final class AnswerHead {
  private AnswerHead() {}

  /** What the client's connection is to do when the answer is over. */
  enum After {
    /** It may take the next request. */
    GO_ON,
    /** Its end is the body's end. */
    END
  }

  /** Makes a backend's final response one for a client in HTTP/1.1 or 1.0. */
  static After toHttp1(HttpResponse response, HttpRequest request) {
    boolean framed = isFramed(response);
    boolean old = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
    boolean bodiless = isBodiless(response, request);
    clean(response);
    if (bodiless || old) {
      response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
    } else if (!framed) {
      response.headers().set(HttpHeaderNames.TRANSFER_ENCODING, HttpHeaderValues.CHUNKED);
    }
    boolean delimited = HttpUtil.isContentLengthSet(response) || bodiless || !old;
    return HttpUtil.isKeepAlive(request) && delimited ? After.GO_ON : After.END;
  }

  /** Makes a backend's final response one for a client in HTTP/2, which has frames of its own. */
  static void toHttp2(HttpResponse response) {
    clean(response);
    response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
  }

  /** Tells a client in HTTP/1 of its connection where its version does not say it already. */
  static void sayConnection(HttpResponse response, HttpRequest request, After after) {
    if (after == After.END) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    } else if (request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
    }
  }

  private static void clean(HttpResponse response) {
    Hygiene.dropHopByHop(response.headers());
    response.setProtocolVersion(HttpVersion.HTTP_1_1);
  }

  private static boolean isFramed(HttpResponse response) {
    return HttpUtil.isContentLengthSet(response) || HttpUtil.isTransferEncodingChunked(response);
  }

  private static boolean isBodiless(HttpResponse response, HttpRequest request) {
    int code = response.status().code();
    return request.method().equals(HttpMethod.HEAD) || code == 204 || code == 304;
  }
}
