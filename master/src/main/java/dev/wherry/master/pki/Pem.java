package dev.wherry.master.pki;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Textual encoding (RFC 7468). Pure. */
final class Pem {
  private static final int LINE_LENGTH = 64;

  private Pem() {}

  static String encode(String label, byte[] der) {
    return "-----BEGIN "
        + label
        + "-----\n"
        + Base64.getMimeEncoder(LINE_LENGTH, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(der)
        + "\n-----END "
        + label
        + "-----\n";
  }

  /**
   * The first block of this label.
   *
   * @throws IllegalArgumentException when there is none, or it is damaged
   */
  static byte[] decode(String text, String label) {
    String begin = "-----BEGIN " + label + "-----";
    int start = text.indexOf(begin);
    int end = text.indexOf("-----END " + label + "-----");
    if (start < 0 || end < start) {
      throw new IllegalArgumentException("there is no " + label + " in it");
    }
    return Base64.getMimeDecoder().decode(text.substring(start + begin.length(), end));
  }
}
