package dev.wherry.master.http;

import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Patch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Decodes the bodies of requests. Stateless. */
final class RequestBody {
  private RequestBody() {}

  /**
   * What came, and what of it came twice.
   *
   * @param duplicates the paths of members that a JSON or YAML object has twice, the last of which
   *     counts
   */
  record Decoded<T>(T value, List<String> duplicates) {}

  /**
   * The object in the body; the empty one where there is no body.
   *
   * @throws StatusException BAD_REQUEST when it is malformed; UNSUPPORTED_MEDIA_TYPE for a type
   *     that is not read
   */
  static Decoded<Obj> object(ApiRequest request) {
    if (request.body().length == 0) {
      return new Decoded<>(Obj.EMPTY, List.of());
    }
    try {
      return switch (request.contentType()) {
        case "application/json" -> decoded(Json::read, request.body());
        case "application/yaml" -> decoded(Yaml::read, request.body());
        case KubernetesProtobuf.CONTENT_TYPE ->
            new Decoded<>(KubernetesProtobuf.decode(request.body()), List.of());
        default ->
            throw unsupported(
                "application/json, application/yaml, " + KubernetesProtobuf.CONTENT_TYPE);
      };
    } catch (MalformedTreeException e) {
      throw StatusException.badRequest(
          "the object provided is unrecognized (must be of type Object): " + e.getMessage());
    }
  }

  private interface Reader<T> {
    T read(byte[] body, Consumer<String> duplicatePaths);
  }

  private static <T> Decoded<T> decoded(Reader<T> reader, byte[] body) {
    List<String> duplicates = new ArrayList<>();
    T value = reader.read(body, duplicates::add);
    return new Decoded<>(value, duplicates);
  }

  /**
   * The patch in the body.
   *
   * @throws StatusException BAD_REQUEST as for objects
   */
  static Decoded<Patch> patch(ApiRequest request, Patch.Kind kind) {
    Reader<?> reader = kind == Patch.Kind.APPLY ? Yaml::read : Json::readValue;
    try {
      Decoded<?> body = decoded(reader, request.body());
      return new Decoded<>(new Patch(kind, body.value()), body.duplicates());
    } catch (MalformedTreeException e) {
      throw StatusException.badRequest("error decoding patch: " + e.getMessage());
    }
  }

  /**
   * The kind of the patch in the body, by the content type.
   *
   * @throws StatusException UNSUPPORTED_MEDIA_TYPE where it is none
   */
  static Patch.Kind patchKind(ApiRequest request) {
    for (Patch.Kind kind : Patch.Kind.values()) {
      if (kind.contentType().equals(request.contentType())) {
        return kind;
      }
    }
    throw unsupported(
        "application/json-patch+json, application/merge-patch+json,"
            + " application/strategic-merge-patch+json, application/apply-patch+yaml");
  }

  private static StatusException unsupported(String accepted) {
    return StatusException.of(
        Reason.UNSUPPORTED_MEDIA_TYPE,
        "the body of the request was in an unknown format - accepted media types include: "
            + accepted);
  }
}
