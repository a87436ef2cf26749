package dev.wherry.master.controllers.workload;

import dev.wherry.api.object.Meta;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.api.tree.Null;
import dev.wherry.api.tree.Obj;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A pod template: what pods are made of it, and how it is told from another. Pure. */
public final class PodTemplate {
  /** The label that tells the pods and replica sets of one template from those of another. */
  public static final String HASH_LABEL = "pod-template-hash";

  private static final String SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789";
  private static final int FNV_OFFSET = 0x811c9dc5;
  private static final int FNV_PRIME = 0x01000193;

  private PodTemplate() {}

  /** A new pod that the owner controls; the API gives it a name of the owner's and five letters. */
  public static Obj podOf(Obj template, Obj owner) {
    Meta ownerMeta = Meta.of(owner);
    Obj metadata = template.obj("metadata");
    Obj.Builder made =
        Obj.builder()
            .put("generateName", ownerMeta.name() + "-")
            .put("namespace", ownerMeta.namespace());
    for (String copied : List.of("labels", "annotations", "finalizers")) {
      metadata.get(copied).filter(each -> each != Null.NULL).ifPresent(v -> made.put(copied, v));
    }
    made.put("ownerReferences", List.of(OwnerReference.controlledBy(owner).toObj()));
    return Obj.of(
        "apiVersion", "v1", "kind", "Pod", "metadata", made.build(), "spec", template.obj("spec"));
  }

  /** Whether pods made of one are like those of the other; the hash label does not count. */
  public static boolean areAlike(Obj template, Obj other) {
    return comparable(withoutHash(template)).equals(comparable(withoutHash(other)));
  }

  /**
   * Ten letters and digits at the most that stand for the template: FNV-1a of its members in the
   * order of their keys. A higher {@code collisions} gives another.
   */
  public static String hash(Obj template, long collisions) {
    StringBuilder text = new StringBuilder(512);
    append(comparable(withoutHash(template)), text);
    if (collisions > 0) {
      text.append(collisions);
    }
    int hash = FNV_OFFSET;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      hash = (hash ^ (c & 0xff)) * FNV_PRIME;
      hash = c > 0xff ? (hash ^ (c >>> 8)) * FNV_PRIME : hash;
    }
    return safe(Integer.toUnsignedString(hash));
  }

  /** Without vowels, so that no word comes of it, and without digits that look like letters. */
  private static String safe(String digits) {
    StringBuilder letters = new StringBuilder(digits.length());
    for (int i = 0; i < digits.length(); i++) {
      letters.append(SAFE_LETTERS.charAt(digits.charAt(i) % SAFE_LETTERS.length()));
    }
    return letters.toString();
  }

  private static Obj withoutHash(Obj template) {
    return template.change(
        "metadata", metadata -> metadata.change("labels", labels -> labels.without(HASH_LABEL)));
  }

  /** Without what means nothing: nulls, and empty members of the metadata. */
  private static Obj comparable(Obj template) {
    Obj cleaned = withoutNulls(template);
    Obj.Builder metadata = Obj.builder();
    for (Obj.Entry entry : cleaned.obj("metadata")) {
      metadata.putUnlessEmpty(entry.key(), entry.value());
    }
    return cleaned.with("metadata", metadata.build());
  }

  private static Obj withoutNulls(Obj object) {
    Obj.Builder cleaned = Obj.builder();
    for (Obj.Entry entry : object) {
      if (entry.value() != Null.NULL) {
        cleaned.put(entry.key(), cleaned(entry.value()));
      }
    }
    return cleaned.build();
  }

  private static Object cleaned(Object value) {
    return switch (value) {
      case Obj object -> withoutNulls(object);
      case List<?> list -> {
        List<Object> items = new ArrayList<>(list.size());
        list.forEach(item -> items.add(cleaned(item)));
        yield items;
      }
      default -> value;
    };
  }

  private static void append(Object value, StringBuilder text) {
    switch (value) {
      case Obj object -> {
        Map<String, Object> sorted = new TreeMap<>();
        for (Obj.Entry entry : object) {
          sorted.put(entry.key(), entry.value());
        }
        text.append('{');
        sorted.forEach(
            (key, member) -> {
              text.append(key).append(':');
              append(member, text);
              text.append(',');
            });
        text.append('}');
      }
      case List<?> list -> {
        text.append('[');
        for (Object item : list) {
          append(item, text);
          text.append(',');
        }
        text.append(']');
      }
      case String string -> text.append('"').append(string).append('"');
      default -> text.append(value);
    }
  }
}
