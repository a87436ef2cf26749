package dev.wherry.api.schema.openapi;

import dev.wherry.api.schema.SchemaTable;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/** What a document is made from, as a short text. */
final class Fingerprint {
  /** Counts up when the same resources are rendered differently. */
  private static final int RENDERING = 1;

  private Fingerprint() {}

  static String of(Collection<ServedResource> resources) {
    CRC32C crc = new CRC32C();
    for (ServedResource resource : resources) {
      crc.update(resource.toString().getBytes(StandardCharsets.UTF_8));
    }
    HexFormat hex = HexFormat.of().withUpperCase();
    return hex.toHexDigits((int) crc.getValue())
        + hex.toHexDigits(SchemaTable.builtIn().fingerprint() + RENDERING);
  }
}
