package dev.wherry.api.schema.openapi;

import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Collection;

/**
 * The OpenAPI 2 document, {@code /openapi/v2}: paths and definitions of all resources given, with
 * {@code x-kubernetes-group-version-kind}, merge keys, list types and descriptions.
 *
 * <p>Documents are written as they are made, one definition in memory at a time; they run to a
 * megabyte, so a server keeps them in a file. Thread-safe.
 */
public final class OpenApiV2 {
  /** With a dot, although clients ask for {@code v2@v1.0}: the {@code @} is no token. */
  public static final String PROTOBUF_CONTENT_TYPE =
      "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

  public static final String JSON_CONTENT_TYPE = "application/json";
  static final String TITLE = "Kubernetes";

  private OpenApiV2() {}

  /** What changes when the document does, for an ETag: hexadecimal digits. */
  public static String fingerprint(Collection<ServedResource> resources) {
    return Fingerprint.of(resources);
  }

  /**
   * Writes the document in JSON; the stream stays open.
   *
   * @param version as {@code /version} gives it, such as {@code v1.33.0}
   */
  public static void writeJson(
      OutputStream out, String version, Collection<ServedResource> resources) {
    SchemaTable table = SchemaTable.builtIn();
    JsonMembers json = new JsonMembers(out).open("{");
    json.member("swagger", "2.0");
    json.member("info", Obj.of("title", TITLE, "version", version));
    json.open("\"paths\":{");
    PathItems paths = new PathItems(Dialect.V2, table);
    resources.forEach(resource -> paths.forEach(resource, json::member));
    json.close("}").open("\"definitions\":{");
    new DefinitionSet(table, resources).forEach(Dialect.V2, json::member);
    json.close("}").close("}");
  }

  /** Writes the document in gnostic's protobuf form; the stream stays open. */
  public static void writeProtobuf(
      OutputStream out, String version, Collection<ServedResource> resources) {
    SchemaTable table = SchemaTable.builtIn();
    GnosticWriter part = new GnosticWriter();
    write(out, part.head(TITLE, version));
    PathItems paths = new PathItems(Dialect.V2, table);
    for (ServedResource resource : resources) {
      paths.forEach(resource, (path, item) -> write(out, part.path(path, item)));
    }
    new DefinitionSet(table, resources)
        .forEach(Dialect.V2, (name, schema) -> write(out, part.definition(name, schema)));
  }

  private static void write(OutputStream out, byte[] bytes) {
    try {
      out.write(bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
