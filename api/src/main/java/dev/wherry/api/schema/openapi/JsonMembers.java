package dev.wherry.api.schema.openapi;

import dev.wherry.api.tree.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * Writes a large JSON object member by member, so that no more than one is in memory. Confined to
 * one thread.
 */
final class JsonMembers {
  private final OutputStream out;
  private String separator = "";

  JsonMembers(OutputStream out) {
    this.out = out;
  }

  private void raw(String text) {
    try {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Begins an object, as a member or as the document. */
  JsonMembers open(String start) {
    raw(separator + start);
    separator = "";
    return this;
  }

  JsonMembers close(String end) {
    raw(end);
    separator = ",";
    return this;
  }

  void member(String name, Object value) {
    raw(separator + Json.text(name) + ":");
    Json.write(value, out);
    separator = ",";
  }
}
