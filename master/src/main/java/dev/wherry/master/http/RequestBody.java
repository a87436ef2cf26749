package dev.wherry.master.http;

import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Patch;
import dev.wherry.master.registry.Warnings;
import dev.wherry.master.registry.WriteOptions;
import java.util.ArrayList;
import java.util.List;

/** Decodes the bodies of requests. Stateless. */
final class RequestBody {
  private RequestBody() {}

  /**
   * The object in the body; the empty one where there is no body.
   *
   * @throws StatusException BAD_REQUEST when it is malformed or, where validation is strict, has a
   *     member twice; UNSUPPORTED_MEDIA_TYPE for a type that is not read
   */
  static Obj object(ApiRequest request, WriteOptions.FieldValidation validation) {
    if (request.body().length == 0) {
      return Obj.EMPTY;
    }
    try {
      return switch (request.contentType()) {
        case "application/json" -> checked(Json::read, request.body(), validation);
        case "application/yaml" -> checked(Yaml::read, request.body(), validation);
        case KubernetesProtobuf.CONTENT_TYPE -> KubernetesProtobuf.decode(request.body());
        default ->
            throw unsupported(
                "application/json, application/yaml, " + KubernetesProtobuf.CONTENT_TYPE);
      };
    } catch (MalformedTreeException e) {
      throw StatusException.badRequest(
          "the object provided is unrecognized (must be of type Object): " + e.getMessage());
    }
  }

  private interface Reader {
    Obj read(byte[] body, java.util.function.Consumer<String> duplicatePaths);
  }

  private static Obj checked(Reader reader, byte[] body, WriteOptions.FieldValidation validation) {
    List<String> duplicates = new ArrayList<>();
    Obj object = reader.read(body, duplicates::add);
    switch (validation) {
      case IGNORE -> {}
      case WARN -> duplicates.forEach(path -> Warnings.warn("duplicate field \"" + path + "\""));
      case STRICT -> {
        if (!duplicates.isEmpty()) {
          throw StatusException.badRequest(
              "strict decoding error: duplicate field \""
                  + String.join("\", duplicate field \"", duplicates)
                  + "\"");
        }
      }
    }
    return object;
  }

  /** The patch in the body, its kind by the content type. */
  static Patch patch(ApiRequest request) {
    for (Patch.Kind kind : Patch.Kind.values()) {
      if (kind.contentType().equals(request.contentType())) {
        try {
          return new Patch(
              kind,
              kind == Patch.Kind.APPLY
                  ? Yaml.read(request.body(), _ -> {})
                  : Json.readValue(request.body(), _ -> {}));
        } catch (MalformedTreeException e) {
          throw StatusException.badRequest("error decoding patch: " + e.getMessage());
        }
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
