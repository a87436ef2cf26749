package dev.wherry.master.http;

import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * How a client wants objects, by its Accept header (Kubernetes API concepts, alternate
 * representations).
 */
sealed interface Representation {
  /** The object itself. */
  record Plain(Encoding encoding) implements Representation {}

  /** A server-side Table, which protobuf has no message for. */
  record Table(String version, Encoding encoding) implements Representation {}

  /** Metadata alone. */
  record PartialMetadata(String version, Encoding encoding) implements Representation {}

  /** Bytes of an object. */
  enum Encoding {
    JSON("application/json", "application/json"),
    YAML("application/yaml", ""),
    PROTOBUF(KubernetesProtobuf.CONTENT_TYPE, KubernetesProtobuf.WATCH_CONTENT_TYPE);

    private final String mediaType;
    private final String watchMediaType;

    Encoding(String mediaType, String watchMediaType) {
      this.mediaType = mediaType;
      this.watchMediaType = watchMediaType;
    }

    String mediaType() {
      return mediaType;
    }

    byte[] encode(Obj object) {
      return switch (this) {
        case JSON -> Json.write(object);
        case YAML -> Yaml.write(object);
        case PROTOBUF -> KubernetesProtobuf.encode(object);
      };
    }

    /** Empty where the encoding has no frames. */
    String watchMediaType() {
      return watchMediaType;
    }
  }

  Representation JSON = new Plain(Encoding.JSON);

  /** The encoding of what is answered. */
  default Encoding encoding() {
    return switch (this) {
      case Plain plain -> plain.encoding();
      case Table table -> table.encoding();
      case PartialMetadata partial -> partial.encoding();
    };
  }

  /**
   * The best of the header's choices that can be served; JSON where there is no header.
   *
   * @param encodings those that what is asked for has
   * @throws StatusException NOT_ACCEPTABLE when none can
   */
  static Representation of(String accept, Set<Encoding> encodings) {
    if (accept.isBlank()) {
      return JSON;
    }
    for (MediaType choice : MediaType.list(accept)) {
      Optional<Representation> served =
          choice.quality() == 0
              ? Optional.empty()
              : encoding(choice.type())
                  .filter(encodings::contains)
                  .flatMap(encoding -> as(choice, encoding));
      if (served.isPresent()) {
        return served.get();
      }
    }
    throw StatusException.of(
        Reason.NOT_ACCEPTABLE,
        "only the following media types are accepted: "
            + encodings.stream().map(Encoding::mediaType).collect(Collectors.joining(", ")));
  }

  /** The encoding of a media type; empty when there is none. */
  static Optional<Encoding> encoding(String type) {
    return switch (type) {
      case "application/json", "*/*", "application/*" -> Optional.of(Encoding.JSON);
      case "application/yaml" -> Optional.of(Encoding.YAML);
      case KubernetesProtobuf.CONTENT_TYPE -> Optional.of(Encoding.PROTOBUF);
      default -> Optional.empty();
    };
  }

  private static Optional<Representation> as(MediaType choice, Encoding encoding) {
    String version = choice.parameter("v");
    boolean known = version.equals("v1") || version.equals("v1beta1");
    return switch (choice.parameter("as")) {
      case "" -> Optional.of(new Plain(encoding));
      case "Table" ->
          encoding != Encoding.PROTOBUF && known
              ? Optional.of(new Table(version, encoding))
              : Optional.empty();
      case "PartialObjectMetadata", "PartialObjectMetadataList" ->
          known ? Optional.of(new PartialMetadata(version, encoding)) : Optional.empty();
      default -> Optional.empty(); // a transformation that we do not know: the next choice
    };
  }
}
