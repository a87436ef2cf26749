package dev.wherry.master.registry;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KeyRange;

/**
 * Where objects lie in the store: {@code /registry/GROUP/RESOURCE/NAMESPACE/NAME}, the group of the
 * core being {@code core}; cluster-scoped objects lack the namespace. What follows the resource is
 * called the path here; within a resource, paths sort as keys do. Pure.
 */
final class Paths {
  private static final String ROOT = "/registry/";

  private Paths() {}

  /** Everything that a registry keeps. */
  static KeyRange everything() {
    return KeyRange.prefix(ROOT);
  }

  static String prefix(GroupResource resource) {
    return ROOT
        + (resource.group().isEmpty() ? "core" : resource.group())
        + "/"
        + resource.resource()
        + "/";
  }

  static String path(ObjectKey key) {
    return key.toString();
  }

  static Key key(GroupResource resource, ObjectKey key) {
    return Key.of(prefix(resource) + path(key));
  }

  /** The objects of a namespace, or of all where it is the empty string. */
  static KeyRange range(GroupResource resource, String namespace) {
    String prefix = prefix(resource);
    return KeyRange.prefix(namespace.isEmpty() ? prefix : prefix + namespace + "/");
  }

  /** The resource part of a key with its slash at the end; empty when the key is none of ours. */
  static String prefixOf(String key) {
    if (!key.startsWith(ROOT)) {
      return "";
    }
    int group = key.indexOf('/', ROOT.length());
    int resource = group < 0 ? -1 : key.indexOf('/', group + 1);
    return resource < 0 ? "" : key.substring(0, resource + 1);
  }
}
