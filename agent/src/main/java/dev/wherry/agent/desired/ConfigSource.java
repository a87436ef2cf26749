package dev.wherry.agent.desired;

import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.tree.Obj;
import java.util.Optional;

/** The config maps and secrets of one namespace, as far as they are known here. */
public interface ConfigSource {
  Optional<Obj> configMap(String name);

  Optional<Obj> secret(String name);

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
    };
  }
}
