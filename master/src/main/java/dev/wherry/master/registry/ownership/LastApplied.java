package dev.wherry.master.registry.ownership;

import dev.wherry.api.schema.TypeSchema;
import dev.wherry.api.status.Cause;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * The annotation in which {@code kubectl apply} keeps what it applied last on the client's side. It
 * lets kubectl go over to server-side apply without conflicts with itself, and back (Kubernetes:
 * Server-Side Apply, migration). Pure.
 */
public final class LastApplied {
  /** The manager as which kubectl applies on the server's side. Others do not get this. */
  public static final String KUBECTL = "kubectl";

  private static final String ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration";
  private static final int MAX_BYTES = 256 * 1024;

  private LastApplied() {}

  private static String of(Obj object) {
    return object.at("metadata", "annotations").string(ANNOTATION);
  }

  /**
   * The conflicts without those over fields that are still as kubectl applied them last: those are
   * its own.
   */
  public static List<Cause> others(TypeSchema type, Obj live, List<Cause> conflicts) {
    Obj applied;
    try {
      applied = Json.read(of(live));
    } catch (RuntimeException _) {
      return conflicts; // none, or no object: it says nothing
    }
    if (!applied.string("apiVersion").equals(live.string("apiVersion"))) {
      return conflicts;
    }
    Obj config = ManagedFields.ownable(applied);
    FieldSet own =
        FieldWalk.fields(type, config)
            .minus(FieldWalk.changes(type, ManagedFields.ownable(live), config));
    Set<String> paths = new HashSet<>(own.paths());
    return conflicts.stream().filter(conflict -> !paths.contains(conflict.field())).toList();
  }

  /** The object with this configuration as the last one, where it has one. */
  public static Obj renewed(Obj object, Obj config) {
    if (of(object).isEmpty()) {
      return object;
    }
    Obj bare = config.change("metadata", LastApplied::withoutAnnotation);
    String text = Json.text(bare) + "\n";
    return text.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES
        ? object.change("metadata", LastApplied::withoutAnnotation)
        : object.withAt(text, "metadata", "annotations", ANNOTATION);
  }

  private static Obj withoutAnnotation(Obj metadata) {
    return metadata.has("annotations")
        ? metadata.change("annotations", annotations -> annotations.without(ANNOTATION))
        : metadata;
  }
}
