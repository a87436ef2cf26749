package dev.wherry.api.schema;

import dev.wherry.api.object.GroupVersionKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.zip.CRC32C;

/**
 * All built-in types of the API. About 110 KB of bytes are held; a type becomes objects when it is
 * first asked for. Immutable to its users and thread-safe.
 */
public final class SchemaTable {
  private static final String META = "k8s.io.apimachinery.pkg.apis.meta.v1.";

  /** Kinds of meta/v1 that every group version has. */
  private static final Set<String> EVERYWHERE =
      Set.of(
          "CreateOptions",
          "DeleteOptions",
          "GetOptions",
          "ListOptions",
          "PatchOptions",
          "UpdateOptions",
          "WatchEvent");

  private static final String META_GROUP = "meta.k8s.io";

  /** What lists, objects and watches answer where metadata alone is wanted. */
  private static final Set<String> PARTIAL =
      Set.of("PartialObjectMetadata", "PartialObjectMetadataList");

  private static final class BuiltIn {
    static final SchemaTable TABLE = new SchemaTable(read("kubernetes.schema"));
  }

  private final int fingerprint;
  private final TableBytes bytes;
  private final AtomicReferenceArray<TypeSchema> types;
  private final Map<GroupVersionKind, Integer> kinds;

  private SchemaTable(byte[] file) {
    CRC32C crc = new CRC32C();
    crc.update(file);
    fingerprint = (int) crc.getValue();
    bytes = new TableBytes(file);
    types = new AtomicReferenceArray<>(bytes.types());
    kinds = HashMap.newHashMap(bytes.kinds());
    for (int i = 0; i < bytes.kinds(); i++) {
      String[] kind = bytes.kind(i);
      kinds.put(new GroupVersionKind(kind[0], kind[1], kind[2]), bytes.kindType(i));
    }
  }

  /** The table that the build made; read from the class path on the first call. */
  public static SchemaTable builtIn() {
    return BuiltIn.TABLE;
  }

  private static byte[] read(String resource) {
    try (InputStream in = open(resource)) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(String resource) {
    InputStream in = SchemaTable.class.getResourceAsStream(resource);
    if (in == null) {
      throw new IllegalStateException("the build left out the resource " + resource);
    }
    return in;
  }

  /**
   * The type of a kind. Options of meta/v1 are found under every group and version, metadata alone
   * under every version of its group.
   */
  public Optional<TypeSchema> kind(GroupVersionKind kind) {
    Integer index = kinds.get(kind);
    if (index != null) {
      return Optional.of(at(index));
    }
    boolean partial = kind.group().equals(META_GROUP) && PARTIAL.contains(kind.kind());
    return partial || EVERYWHERE.contains(kind.kind())
        ? type(META + kind.kind())
        : Optional.empty();
  }

  /** The type with this full name, such as {@code k8s.io.api.core.v1.PodSpec}. */
  public Optional<TypeSchema> type(String name) {
    int low = 0;
    int high = bytes.types() - 1;
    while (low <= high) { // the file has types by name
      int middle = (low + high) >>> 1;
      int order = bytes.typeName(middle).compareTo(name);
      if (order == 0) {
        return Optional.of(at(middle));
      }
      if (order < 0) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  /** A number that is another when the table is. */
  public int fingerprint() {
    return fingerprint;
  }

  /** All kinds of the table, options and lists included. */
  public Set<GroupVersionKind> kinds() {
    return Set.copyOf(kinds.keySet());
  }

  /** The names of all types, in the table's order. */
  public List<String> typeNames() {
    List<String> list = new ArrayList<>(bytes.types());
    for (int i = 0; i < bytes.types(); i++) {
      list.add(bytes.typeName(i));
    }
    return list;
  }

  /** Opens the descriptions at the first type of {@link #typeNames}; the caller closes them. */
  public Descriptions descriptions() {
    return new Descriptions(open("kubernetes.descriptions"));
  }

  private TypeSchema at(int index) {
    TypeSchema known = types.getAcquire(index);
    if (known != null) {
      return known;
    }
    TypeSchema read = bytes.type(index, this::at);
    return types.compareAndSet(index, null, read) ? read : types.getAcquire(index);
  }
}
