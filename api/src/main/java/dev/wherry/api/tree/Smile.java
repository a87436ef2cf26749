package dev.wherry.api.tree;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.dataformat.smile.SmileFactory;
import com.fasterxml.jackson.dataformat.smile.SmileGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Smile, a binary form of JSON: how objects lie on disk and travel between master and agent.
 * Thread-safe.
 */
public final class Smile {
  private static final SmileFactory FACTORY =
      SmileFactory.builder()
          .enable(SmileGenerator.Feature.CHECK_SHARED_STRING_VALUES)
          .recyclerPool(Json.BUFFERS)
          .build();
  private static final TreeReader READER = new TreeReader(FACTORY);

  private Smile() {}

  /**
   * Reads one object.
   *
   * @throws MalformedTreeException when the bytes are no Smile object
   */
  public static Obj read(byte[] smile) {
    if (READER.read(smile, 0, smile.length, _ -> {}) instanceof Obj o) {
      return o;
    }
    throw new MalformedTreeException("the Smile value is no object");
  }

  public static byte[] write(Obj object) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512);
    try (JsonGenerator generator = FACTORY.createGenerator(bytes)) {
      TreeWriter.write(object, generator);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
