package dev.wherry.api.schema;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The descriptions of types and fields, read forward from their file: they are nearly a megabyte,
 * and only {@code kubectl explain} wants them. One type is in memory at a time. Confined to one
 * thread; close it after use.
 */
public final class Descriptions implements AutoCloseable {
  /**
   * What one type says.
   *
   * @param type may be empty
   * @param fields in the order of {@link TypeSchema#wireFields}; each may be empty
   */
  public record Entry(String type, List<String> fields) {}

  private final DataInputStream in;

  Descriptions(InputStream in) {
    this.in = new DataInputStream(new BufferedInputStream(in, 8192));
  }

  /** Passes over one type. */
  public void skip() {
    try {
      in.skipNBytes(in.readInt());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads the next type, which has this many fields on the wire. */
  public Entry next(int fields) {
    try {
      in.readInt();
      String type = text();
      List<String> list = new ArrayList<>(fields);
      for (int i = 0; i < fields; i++) {
        list.add(text());
      }
      return new Entry(type, list);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String text() throws IOException {
    byte[] utf8 = in.readNBytes(in.readUnsignedShort());
    return new String(utf8, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
