package dev.wherry.api.schema.protobuf;

import dev.wherry.api.object.GroupVersionKind;
import dev.wherry.api.schema.SchemaTable;
import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.util.Optional;

/**
 * {@code application/vnd.kubernetes.protobuf}: the four bytes {@code k8s\0}, then a {@code
 * runtime.Unknown} with the object's apiVersion and kind and its message (Kubernetes API concepts,
 * Protobuf encoding). Only built-in kinds have one. Thread-safe.
 */
public final class KubernetesProtobuf {
  public static final String CONTENT_TYPE = "application/vnd.kubernetes.protobuf";

  /** The content type of a watch: frames of {@link #watchFrame}. */
  public static final String WATCH_CONTENT_TYPE = CONTENT_TYPE + ";stream=watch";

  private static final byte[] MAGIC = {'k', '8', 's', 0};
  private static final String JSON = "application/json";

  private KubernetesProtobuf() {}

  /** Whether the bytes begin as this encoding does. */
  public static boolean isProtobuf(byte[] bytes) {
    return bytes.length >= 4
        && bytes[0] == MAGIC[0]
        && bytes[1] == MAGIC[1]
        && bytes[2] == MAGIC[2]
        && bytes[3] == MAGIC[3];
  }

  /** Whether objects of this kind can be encoded: custom resources cannot. */
  public static boolean supports(GroupVersionKind kind) {
    return SchemaTable.builtIn().kind(kind).isPresent();
  }

  /**
   * Reads an object; {@code apiVersion} and {@code kind} are set from the envelope.
   *
   * @throws MalformedTreeException when the bytes are no such object, or its kind is not built in
   */
  public static Obj decode(byte[] bytes) {
    if (!isProtobuf(bytes)) {
      throw new MalformedTreeException(
          "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]");
    }
    Envelope envelope = Envelope.read(new WireReader(bytes, MAGIC.length, bytes.length));
    if (envelope.contentType().equals(JSON)) {
      return Json.read(envelope.raw());
    }
    GroupVersionKind kind = GroupVersionKind.of(envelope.apiVersion(), envelope.kind());
    TypeSchema type =
        SchemaTable.builtIn()
            .kind(kind)
            .orElseThrow(
                () ->
                    new MalformedTreeException(
                        "no kind \""
                            + kind.kind()
                            + "\" is registered for version \""
                            + kind.apiVersion()
                            + "\""));
    Obj.Builder object = Obj.builder();
    object.put("apiVersion", envelope.apiVersion()).put("kind", envelope.kind());
    new MessageDecoder(new WireReader(envelope.raw(), 0, envelope.raw().length))
        .members(type, object);
    return object.build();
  }

  /**
   * Writes an object, a list, or a Status, by its {@code apiVersion} and {@code kind}.
   *
   * @throws IllegalArgumentException when the kind is not built in, or a value has a wrong type
   */
  public static byte[] encode(Obj object) {
    GroupVersionKind kind = GroupVersionKind.of(object);
    Optional<TypeSchema> type = SchemaTable.builtIn().kind(kind);
    if (type.isEmpty()) {
      throw new IllegalArgumentException(
          "no protobuf encoding of " + kind.apiVersion() + " " + kind.kind());
    }
    WireWriter out = new WireWriter();
    out.string(4, ""); // contentType and contentEncoding: always written, as Go does
    out.string(3, "");
    int raw = out.size();
    new MessageEncoder(out).members(type.get(), object);
    out.message(2, raw);
    int meta = out.size();
    out.string(2, kind.kind());
    out.string(1, kind.apiVersion());
    out.message(1, meta);
    out.raw(MAGIC);
    return out.toByteArray();
  }

  /**
   * One event of a watch: four bytes of length, then a {@code meta.v1.WatchEvent} with the object
   * in its own envelope.
   *
   * @param type {@code ADDED}, {@code MODIFIED}, {@code DELETED}, {@code BOOKMARK} or {@code ERROR}
   */
  public static byte[] watchFrame(String type, Obj object) {
    byte[] encoded = encode(object);
    WireWriter out = new WireWriter();
    int mark = out.size();
    out.bytes(1, encoded); // RawExtension.raw
    out.message(2, mark);
    out.string(1, type);
    int length = out.size();
    out.raw(
        new byte[] {
          (byte) (length >>> 24), (byte) (length >>> 16), (byte) (length >>> 8), (byte) length
        });
    return out.toByteArray();
  }

  /** The {@code runtime.Unknown} message. */
  private record Envelope(String apiVersion, String kind, byte[] raw, String contentType) {

    static Envelope read(WireReader in) {
      String apiVersion = "";
      String kind = "";
      byte[] raw = {};
      String contentType = "";
      while (in.hasMore()) {
        int tag = in.tag();
        switch (tag) {
          case 1 << 3 | WireReader.BYTES -> {
            int outer = in.enter();
            while (in.hasMore()) {
              int inner = in.tag();
              switch (inner) {
                case 1 << 3 | WireReader.BYTES -> apiVersion = in.string();
                case 2 << 3 | WireReader.BYTES -> kind = in.string();
                default -> in.skip(inner);
              }
            }
            in.leave(outer);
          }
          case 2 << 3 | WireReader.BYTES -> raw = in.bytes();
          case 3 << 3 | WireReader.BYTES -> {
            String encoding = in.string();
            if (!encoding.isEmpty()) {
              throw in.malformed("content encoding " + encoding);
            }
          }
          case 4 << 3 | WireReader.BYTES -> contentType = in.string();
          default -> in.skip(tag);
        }
      }
      return new Envelope(apiVersion, kind, raw, contentType);
    }
  }
}
