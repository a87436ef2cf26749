package dev.wherry.agent.desired;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.Collection;
import java.util.Optional;

/**
 * The config maps, secrets and claims of one namespace, the volumes and trust bundles of the
 * cluster, as far as they are known here.
 */
public interface ConfigSource {
  Optional<Obj> configMap(String name);

  Optional<Obj> secret(String name);

  Optional<Obj> claim(String name);

  Optional<Obj> volume(String name);

  /** All of the cluster's, by name. */
  Collection<Obj> trustBundles();

  static ConfigSource of(DesiredState desired, String namespace) {
    return new ConfigSource() {
      @Override
      public Optional<Obj> configMap(String name) {
        return desired.get(Resource.CONFIG_MAPS, new ObjectKey(namespace, name));
      }

      @Override
      public Optional<Obj> secret(String name) {
        return desired.get(Resource.SECRETS, new ObjectKey(namespace, name));
      }

      @Override
      public Optional<Obj> claim(String name) {
        return desired.get(Resource.PERSISTENT_VOLUME_CLAIMS, new ObjectKey(namespace, name));
      }

      @Override
      public Optional<Obj> volume(String name) {
        return desired.get(Resource.PERSISTENT_VOLUMES, new ObjectKey("", name));
      }

      @Override
      public Collection<Obj> trustBundles() {
        return desired.all(Resource.CLUSTER_TRUST_BUNDLES);
      }
    };
  }
}
