package dev.wherry.master.access;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.auth.RoleIndex;
import dev.wherry.master.registry.ListOptions;
import dev.wherry.master.registry.ObjectList;
import dev.wherry.master.registry.ObjectWatch;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.registry.WatchEvent;
import java.util.ArrayList;
import java.util.List;

/**
 * Keeps the index of roles as the registry has them: what there is when it is made, and every
 * change from then on. Thread-safe.
 */
final class RoleWatch implements AutoCloseable {
  private final List<ObjectWatch> watches = new ArrayList<>();

  RoleWatch(Registry registry, RoleIndex index) {
    for (GroupResource resource : RoleIndex.RESOURCES) {
      ObjectList list = registry.list(resource, "", ListOptions.ALL);
      list.items().forEach(each -> index.put(resource, each));
      watches.add(
          registry.watch(
              resource,
              "",
              ListOptions.ALL.withResourceVersion(list.resourceVersion()),
              events -> events.forEach(event -> take(index, resource, event))));
    }
  }

  private static void take(RoleIndex index, GroupResource resource, WatchEvent event) {
    switch (event) {
      case WatchEvent.Added(Obj object) -> index.put(resource, object);
      case WatchEvent.Modified(Obj object, Obj _) -> index.put(resource, object);
      case WatchEvent.Deleted(Obj object) -> index.remove(resource, ObjectKey.of(object));
      case WatchEvent.Bookmark _ -> {}
    }
  }

  @Override
  public void close() {
    watches.forEach(ObjectWatch::close);
  }
}
