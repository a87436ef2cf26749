package dev.wherry.agent.ingress;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;

/** Header fields that this proxy acts on (RFC 9110, 7.6; RFC 9112, 6); others pass as they are. */
enum Field {
  OTHER(""),
  HOST("host"),
  CONTENT_LENGTH("content-length"),
  TRANSFER_ENCODING("transfer-encoding"),
  CONNECTION("connection"),
  EXPECT("expect"),
  UPGRADE("upgrade"),
  TE("te"),
  TRAILER("trailer"),
  KEEP_ALIVE("keep-alive"),
  PROXY_CONNECTION("proxy-connection"),
  PROXY_AUTHENTICATE("proxy-authenticate"),
  PROXY_AUTHORIZATION("proxy-authorization"),
  HTTP2_SETTINGS("http2-settings"),
  FORWARDED("forwarded"),
  FORWARDED_FOR("x-forwarded-for"),
  FORWARDED_PROTO("x-forwarded-proto"),
  FORWARDED_HOST("x-forwarded-host"),
  FORWARDED_PORT("x-forwarded-port"),
  REAL_IP("x-real-ip"),
  SCHEME("x-scheme"),
  /** What an HTTP/2 codec would take for its own, such as {@code x-http2-scheme}. */
  HTTP2_EXTENSION("x-http2-");

  private static final Field[] ALL = values();
  private static final Field[][] BY_LENGTH = new Field[32][];

  static {
    for (int length = 0; length < BY_LENGTH.length; length++) {
      int wanted = length;
      BY_LENGTH[length] =
          Arrays.stream(ALL)
              .filter(each -> each.name.length == wanted)
              .filter(each -> each != OTHER && each != HTTP2_EXTENSION)
              .toArray(Field[]::new);
    }
  }

  private final byte[] name;

  Field(String name) {
    this.name = name.getBytes(US_ASCII);
  }

  /** The field whose name stands in {@code [from, to)}, in whatever case. */
  static Field of(byte[] bytes, int from, int to) {
    int length = to - from;
    if (length < BY_LENGTH.length) {
      for (Field each : BY_LENGTH[length]) {
        if (each.begins(bytes, from)) {
          return each;
        }
      }
    }
    boolean extension =
        length >= HTTP2_EXTENSION.name.length && HTTP2_EXTENSION.begins(bytes, from);
    return extension ? HTTP2_EXTENSION : OTHER;
  }

  private boolean begins(byte[] bytes, int from) {
    for (int i = 0; i < name.length; i++) {
      // The bit makes letters small and leaves the dash and the digit as they are.
      if ((bytes[from + i] | 0x20) != name[i]) {
        return false;
      }
    }
    return true;
  }

  /** Its bit in a set of fields. */
  long bit() {
    return 1L << ordinal();
  }
}
