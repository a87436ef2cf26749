package dev.wherry.master.http;

import dev.wherry.api.schema.openapi.OpenApiV2;
import dev.wherry.api.schema.openapi.OpenApiV3;
import dev.wherry.api.schema.openapi.ServedResource;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.ResourceDefinition;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * The OpenAPI documents, {@code /openapi/v2} and {@code /openapi/v3}. They run to megabytes and are
 * asked for seldom: each is written to a compressed file when it is first wanted and sent from
 * there, so that none stays in memory. The file's name has the document's fingerprint; a server
 * that starts again finds it. Thread-safe.
 */
final class OpenApiDocuments {
  private static final String FOREVER = "public, immutable, max-age=31536000";

  private final Path directory;
  private final ReentrantLock writing = new ReentrantLock();

  OpenApiDocuments(Path directory) {
    this.directory = directory;
  }

  /** Writes a document into the stream; which stays open. */
  private interface Document {
    void write(OutputStream out) throws IOException;
  }

  static List<ServedResource> served(List<ResourceDefinition> definitions) {
    List<ServedResource> served = new ArrayList<>();
    for (ResourceDefinition definition : definitions) {
      if (definition.resource().group().equals("metrics.k8s.io")) {
        continue; // its types are not among Kubernetes' own
      }
      served.add(
          new ServedResource(
              definition.groupVersionKind(),
              definition.resource().resource(),
              definition.isNamespaced()
                  ? ServedResource.Scope.NAMESPACED
                  : ServedResource.Scope.CLUSTER,
              definition.verbs(),
              definition.deletionAnswer() == ResourceDefinition.DeletionAnswer.OBJECT
                  ? definition.kind()
                  : "Status",
              definition.subresources().stream()
                  .map(each -> new ServedResource.Part(each.name(), each.kind(), each.verbs()))
                  .toList()));
    }
    return served;
  }

  void serveV2(ApiRequest request, List<ResourceDefinition> definitions, Exchange exchange)
      throws IOException {
    List<ServedResource> served = served(definitions);
    String fingerprint = OpenApiV2.fingerprint(served);
    if (wantsProtobuf(request)) {
      send(
          request,
          exchange,
          "v2.pb",
          fingerprint,
          OpenApiV2.PROTOBUF_CONTENT_TYPE,
          Map.of(),
          out -> OpenApiV2.writeProtobuf(out, ServerVersion.TEXT, served));
    } else {
      send(
          request,
          exchange,
          "v2.json",
          fingerprint,
          OpenApiV2.JSON_CONTENT_TYPE,
          Map.of(),
          out -> OpenApiV2.writeJson(out, ServerVersion.TEXT, served));
    }
  }

  /** Clients write an {@code @} where the content type has a dot. */
  private static boolean wantsProtobuf(ApiRequest request) {
    MediaType first = MediaType.list(request.header("accept")).getFirst();
    return first.type().replace('@', '.').equals(OpenApiV2.PROTOBUF_CONTENT_TYPE);
  }

  static Obj index(List<ResourceDefinition> definitions) {
    return OpenApiV3.index(served(definitions));
  }

  /**
   * Sends the document of one group version.
   *
   * @param name such as {@code apis/apps/v1}
   */
  void serveV3(
      ApiRequest request, String name, List<ResourceDefinition> definitions, Exchange exchange)
      throws IOException {
    List<ServedResource> served = OpenApiV3.of(name, served(definitions));
    if (served.isEmpty()) {
      throw ApiService.notServed();
    }
    String fingerprint = OpenApiV2.fingerprint(served);
    boolean lasting = request.query().text("hash").equals(fingerprint);
    send(
        request,
        exchange,
        "v3-" + name.replace('/', '_') + ".json",
        fingerprint,
        OpenApiV2.JSON_CONTENT_TYPE,
        lasting ? Map.of("cache-control", FOREVER) : Map.of(),
        out -> OpenApiV3.writeJson(out, ServerVersion.TEXT, served));
  }

  private void send(
      ApiRequest request,
      Exchange exchange,
      String name,
      String fingerprint,
      String contentType,
      Map<String, String> headers,
      Document document)
      throws IOException {
    String etag = "\"" + fingerprint + "\"";
    Answer head = new Answer(200, contentType, new byte[0], headers).with("etag", etag);
    head = head.with("vary", "Accept-Encoding, Accept");
    if (request.header("if-none-match").equals(etag)) {
      exchange.respond(new Answer(304, contentType, new byte[0], head.headers()));
      return;
    }
    Path file = file(name, fingerprint, document);
    boolean compressed = Gzip.isWanted(request);
    try (InputStream in = Files.newInputStream(file);
        InputStream sent = compressed ? in : new GZIPInputStream(in);
        OutputStream out =
            exchange.stream(compressed ? head.with("content-encoding", "gzip") : head)) {
      sent.transferTo(out);
    }
  }

  private Path file(String name, String fingerprint, Document document) throws IOException {
    Path file = directory.resolve(name + "-" + fingerprint + ".gz");
    if (Files.exists(file)) {
      return file;
    }
    writing.lock();
    try {
      if (!Files.exists(file)) {
        Files.createDirectories(directory);
        removeOthers(name);
        Path draft = directory.resolve(name + ".new");
        try (OutputStream out =
            new GZIPOutputStream(new BufferedOutputStream(Files.newOutputStream(draft)))) {
          document.write(out);
        }
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
      }
      return file;
    } finally {
      writing.unlock();
    }
  }

  /** Removes what was written for resources that are no longer served just so. */
  private void removeOthers(String name) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      for (Path each : files.toList()) {
        if (each.getFileName().toString().startsWith(name + "-")) {
          Files.delete(each);
        }
      }
    }
  }
}
