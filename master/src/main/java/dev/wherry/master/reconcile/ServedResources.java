package dev.wherry.master.reconcile;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.OwnerReference;
import dev.wherry.master.registry.Definitions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The resources that a master serves, for controllers that treat all kinds alike. There may become
 * more of them and fewer while it runs. Thread-safe.
 */
public final class ServedResources {

  /** Told of what changes, on the thread that changes it. */
  public interface Listener {
    void onAdded(ServedResource resource);

    void onRemoved(ServedResource resource);
  }

  private final CopyOnWriteArrayList<ServedResource> resources;
  private final CopyOnWriteArrayList<Listener> listeners = new CopyOnWriteArrayList<>();

  public ServedResources(List<ServedResource> resources) {
    this.resources = new CopyOnWriteArrayList<>(resources);
  }

  /** Those that are defined, so far as they hold objects. */
  public static ServedResources of(Definitions definitions) {
    return new ServedResources(ServedResource.all(definitions));
  }

  public List<ServedResource> all() {
    return List.copyOf(resources);
  }

  /** The resource of a kind, in whatever version; empty: it is not served. */
  public Optional<ServedResource> find(String group, String kind) {
    return resources.stream().filter(each -> each.isOf(group, kind)).findFirst();
  }

  /** The resource that an owner is one of; empty: it is not served. */
  public Optional<ServedResource> find(OwnerReference owner) {
    return find(group(owner.apiVersion()), owner.kind());
  }

  private static String group(String apiVersion) {
    int slash = apiVersion.indexOf('/');
    return slash < 0 ? "" : apiVersion.substring(0, slash);
  }

  /** From now on it is served, too; nothing happens where it is already. */
  public void add(ServedResource resource) {
    if (resources.addIfAbsent(resource)) {
      listeners.forEach(each -> each.onAdded(resource));
    }
  }

  /** It is served no more. */
  public void remove(GroupResource resource) {
    for (ServedResource each : resources) {
      if (each.resource().equals(resource) && resources.remove(each)) {
        listeners.forEach(listener -> listener.onRemoved(each));
      }
    }
  }

  /** Tells of changes from now on. */
  public void listen(Listener listener) {
    listeners.add(listener);
  }

  /** Tells this one no more. */
  public void forget(Listener listener) {
    listeners.remove(listener);
  }
}
