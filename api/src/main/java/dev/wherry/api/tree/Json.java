package dev.wherry.api.tree;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.BufferRecycler;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.core.util.RecyclerPool;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** JSON (RFC 8259) to trees and back. Thread-safe. */
public final class Json {
  /** Shared and bounded: a thread of a request lives too short for buffers of its own to pay. */
  static final RecyclerPool<BufferRecycler> BUFFERS = JsonRecyclerPools.sharedBoundedPool();

  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(TreeReader.MAX_DEPTH + 8).build())
          .enable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .recyclerPool(BUFFERS)
          .build();
  private static final TreeReader READER = new TreeReader(FACTORY);

  private Json() {}

  /**
   * Reads one object; of members that come twice the last counts.
   *
   * @throws MalformedTreeException when the bytes are no JSON object
   */
  public static Obj read(byte[] json) {
    return read(json, _ -> {});
  }

  public static Obj read(String json) {
    return read(json.getBytes(StandardCharsets.UTF_8));
  }

  /** As {@link #read(byte[])}; the listener gets the path of each member that comes twice. */
  public static Obj read(byte[] json, Consumer<String> duplicatePaths) {
    if (readValue(json, duplicatePaths) instanceof Obj o) {
      return o;
    }
    throw new MalformedTreeException("the JSON value is no object");
  }

  /** Reads any value, such as the list of a JSON patch. */
  public static Object readValue(byte[] json, Consumer<String> duplicatePaths) {
    return READER.read(json, 0, json.length, duplicatePaths);
  }

  public static byte[] write(Object value) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    write(value, bytes);
    return bytes.toByteArray();
  }

  /** Writes the value and flushes; the stream stays open. */
  public static void write(Object value, OutputStream out) {
    try (JsonGenerator generator = FACTORY.createGenerator(out)) {
      generator.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET);
      TreeWriter.write(value, generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public static String text(Object value) {
    return new String(write(value), StandardCharsets.UTF_8);
  }
}
