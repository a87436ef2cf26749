package dev.wherry.master.pki;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Textual encoding (RFC 7468). Pure. */
final class Pem {
  private static final int LINE_LENGTH = 64;
  private static final Pattern BLOCK =
      Pattern.compile(
          "-----BEGIN (?<label>[^\\r\\n]*?)-----[ \\t]*\\r?\\n"
              + "(?<headers>([^\\r\\n:]+:[^\\r\\n]*\\r?\\n)*)"
              + "(?<body>[A-Za-z0-9+/=\\s]*+)-----END \\k<label>-----");

  private Pem() {}

  /** One block of a text. */
  record Block(String label, boolean hasHeaders, byte[] content) {}

  /** The blocks of a text, in order; what is none is passed over. */
  static List<Block> blocks(String text) {
    List<Block> blocks = new ArrayList<>();
    Matcher matcher = BLOCK.matcher(text);
    while (matcher.find()) {
      byte[] content = Base64.getMimeDecoder().decode(matcher.group("body"));
      blocks.add(new Block(matcher.group("label"), !matcher.group("headers").isEmpty(), content));
    }
    return blocks;
  }

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
