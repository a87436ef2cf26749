package dev.wherry.master.http;

import dev.wherry.api.schema.protobuf.KubernetesProtobuf;
import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import java.util.Optional;

/**
 * How a client wants objects, by its Accept header (Kubernetes API concepts, alternate
 * representations).
 */
sealed interface Representation {
  /** The object itself. */
  record Plain(Encoding encoding) implements Representation {}

  /** A server-side Table. */
  record Table(String version) implements Representation {}

  /** Metadata alone. */
  record PartialMetadata(String version, Encoding encoding) implements Representation {}

  /** Bytes of an object. */
  enum Encoding {
    JSON("application/json", "application/json"),
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

    String watchMediaType() {
      return watchMediaType;
    }
  }

  Representation JSON = new Plain(Encoding.JSON);

  /** The encoding of what is answered. */
  default Encoding encoding() {
    return switch (this) {
      case Plain plain -> plain.encoding();
      case Table _ -> Encoding.JSON;
      case PartialMetadata partial -> partial.encoding();
    };
  }

  /**
   * The best of the header's choices that can be served; JSON where there is no header.
   *
   * @throws StatusException NOT_ACCEPTABLE when none can
   */
  static Representation of(String accept, boolean hasProtobuf) {
    if (accept.isBlank()) {
      return JSON;
    }
    for (MediaType choice : MediaType.list(accept)) {
      if (choice.quality() == 0) {
        continue;
      }
      Optional<Representation> served =
          switch (choice.type()) {
            case "application/json", "*/*", "application/*" -> as(choice, Encoding.JSON);
            case KubernetesProtobuf.CONTENT_TYPE ->
                hasProtobuf ? as(choice, Encoding.PROTOBUF) : Optional.empty();
            default -> Optional.empty();
          };
      if (served.isPresent()) {
        return served.get();
      }
    }
    throw StatusException.of(
        Reason.NOT_ACCEPTABLE,
        "only the following media types are accepted: application/json,"
            + " application/vnd.kubernetes.protobuf");
  }

  private static Optional<Representation> as(MediaType choice, Encoding encoding) {
    String version = choice.parameter("v");
    boolean known = version.equals("v1") || version.equals("v1beta1");
    return switch (choice.parameter("as")) {
      case "" -> Optional.of(new Plain(encoding));
      case "Table" ->
          encoding == Encoding.JSON && known ? Optional.of(new Table(version)) : Optional.empty();
      case "PartialObjectMetadata", "PartialObjectMetadataList" ->
          known ? Optional.of(new PartialMetadata(version, encoding)) : Optional.empty();
      default -> Optional.empty(); // a transformation that we do not know: the next choice
    };
  }
}
