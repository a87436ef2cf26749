package dev.wherry.master.registry.kinds;

import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Causes;
import dev.wherry.master.registry.Column;
import dev.wherry.master.registry.ResourceDefinition;
import dev.wherry.master.registry.Strategy;

/** Config maps. */
final class ConfigMapKind implements Strategy {
  static final ResourceDefinition DEFINITION =
      ResourceDefinition.of("", "v1", "ConfigMap", "configmaps")
          .shortNames("cm")
          .columns(
              Column.NAME,
              Column.number(
                  "Data", (map, _) -> (long) map.obj("data").size() + map.obj("binaryData").size()),
              Column.AGE)
          .strategy(new ConfigMapKind())
          .build();

  private ConfigMapKind() {}

  @Override
  public void check(Obj map, Causes causes) {
    KeyedBytes.check(map, "data", causes);
    KeyedBytes.check(map, "binaryData", causes);
    KeyedBytes.checkBase64(map.obj("binaryData"), "binaryData", causes);
    for (Obj.Entry entry : map.obj("binaryData")) {
      if (map.obj("data").has(entry.key())) {
        causes.invalid(
            "data[" + entry.key() + "]", entry.key(), "duplicate of key present in binaryData");
      }
    }
    long bytes =
        KeyedBytes.bytesOfText(map.obj("data")) + KeyedBytes.bytesOfBase64(map.obj("binaryData"));
    KeyedBytes.checkSize(bytes, "[]", causes);
  }

  @Override
  public void checkUpdate(Obj updated, Obj existing, Causes causes) {
    KeyedBytes.checkImmutable(updated, existing, causes);
  }
}
