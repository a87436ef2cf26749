package dev.wherry.master.auth;

import dev.wherry.api.object.GroupResource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * All roles and bindings, parsed once, by where they count. Who watches them tells it of changes.
 * Thread-safe; a reader may see one change before another that came first.
 */
public final class RoleIndex implements Roles {
  public static final String GROUP = "rbac.authorization.k8s.io";
  public static final GroupResource ROLES = new GroupResource(GROUP, "roles");
  public static final GroupResource CLUSTER_ROLES = new GroupResource(GROUP, "clusterroles");
  public static final GroupResource ROLE_BINDINGS = new GroupResource(GROUP, "rolebindings");
  public static final GroupResource CLUSTER_ROLE_BINDINGS =
      new GroupResource(GROUP, "clusterrolebindings");

  /** The resources that it wants to be told of. */
  public static final List<GroupResource> RESOURCES =
      List.of(CLUSTER_ROLES, ROLES, CLUSTER_ROLE_BINDINGS, ROLE_BINDINGS);

  private final Map<ObjectKey, List<Rule>> roles = new ConcurrentHashMap<>();
  private final Map<String, Map<String, Binding>> bindings = new ConcurrentHashMap<>();

  /** Takes in an object of one of the {@link #RESOURCES} as it is now. */
  public void put(GroupResource resource, Obj object) {
    ObjectKey key = ObjectKey.of(object);
    if (resource.equals(ROLES) || resource.equals(CLUSTER_ROLES)) {
      roles.put(key, Rule.all(object));
    } else {
      bindings
          .computeIfAbsent(key.namespace(), _ -> new ConcurrentHashMap<>())
          .put(key.name(), Binding.of(object));
    }
  }

  /** Takes in that the object is gone. */
  public void remove(GroupResource resource, ObjectKey key) {
    if (resource.equals(ROLES) || resource.equals(CLUSTER_ROLES)) {
      roles.remove(key);
      return;
    }
    bindings.computeIfPresent(
        key.namespace(),
        (_, held) -> {
          held.remove(key.name());
          return held.isEmpty() ? null : held;
        });
  }

  @Override
  public Collection<Binding> bindings(String namespace) {
    return bindings.getOrDefault(namespace, Map.of()).values();
  }

  @Override
  public boolean has(Binding.RoleRef role, String namespace) {
    return roles.containsKey(key(role, namespace));
  }

  @Override
  public List<Rule> rules(Binding.RoleRef role, String namespace) {
    return roles.getOrDefault(key(role, namespace), List.of());
  }

  private static ObjectKey key(Binding.RoleRef role, String namespace) {
    return new ObjectKey(role.kind().equals("ClusterRole") ? "" : namespace, role.name());
  }
}
