package dev.wherry.master.registry.kinds;

import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/** What config maps and secrets have in common: named contents. Pure. */
final class KeyedBytes {
  private static final Pattern KEY = Pattern.compile("[-._a-zA-Z0-9]+");
  private static final int MAX_KEY = 253;
  private static final int MAX_BYTES = 1024 * 1024;

  private KeyedBytes() {}

  static void check(Obj object, String member, Causes causes) {
    for (Obj.Entry entry : object.obj(member)) {
      String path = member + "[" + entry.key() + "]";
      checkKey(entry.key(), path, causes);
      if (!(entry.value() instanceof String)) {
        causes.invalid(path, entry.value(), "must be a string");
      }
    }
  }

  /** Checks a name of contents. */
  static void checkKey(String key, String path, Causes causes) {
    if (key.length() > MAX_KEY) {
      causes.invalid(path, key, "must be no more than " + MAX_KEY + " bytes");
    }
    if (!KEY.matcher(key).matches()) {
      causes.invalid(
          path,
          key,
          "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g."
              + " 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is"
              + " '[-._a-zA-Z0-9]+')");
    } else if (key.equals(".") || key.equals("..")) {
      causes.invalid(path, key, "must not be '" + key + "'");
    } else if (key.startsWith("..")) {
      causes.invalid(path, key, "must not start with '..'");
    }
  }

  static void checkBase64(Obj contents, String member, Causes causes) {
    for (Obj.Entry entry : contents) {
      try {
        Base64.getDecoder().decode(contents.string(entry.key()));
      } catch (IllegalArgumentException _) {
        causes.invalid(member + "[" + entry.key() + "]", entry.value(), "must be base64 encoded");
      }
    }
  }

  /**
   * Complains of more contents than there may be.
   *
   * @param path that Kubernetes gives for it
   */
  static void checkSize(long bytes, String path, Causes causes) {
    if (bytes > MAX_BYTES) {
      causes.add(Cause.tooLong(path, MAX_BYTES));
    }
  }

  /** Bytes in UTF-8 of all contents. */
  static long bytesOfText(Obj contents) {
    long bytes = 0;
    for (Obj.Entry entry : contents) {
      bytes += contents.string(entry.key()).getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  /** Bytes that the contents, in base64, stand for. */
  static long bytesOfBase64(Obj contents) {
    long bytes = 0;
    for (Obj.Entry entry : contents) {
      String text = contents.string(entry.key());
      long padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
      bytes += text.length() * 3L / 4 - padding;
    }
    return bytes;
  }

  static void checkImmutable(Obj updated, Obj existing, Causes causes) {
    if (!existing.flag("immutable")) {
      return;
    }
    String detail = "field is immutable when `immutable` is set";
    if (!updated.flag("immutable")) {
      causes.forbidden("immutable", detail);
    }
    for (String member : List.of("data", "binaryData")) {
      if (!updated.obj(member).equals(existing.obj(member))) {
        causes.forbidden(member, detail);
      }
    }
  }
}
