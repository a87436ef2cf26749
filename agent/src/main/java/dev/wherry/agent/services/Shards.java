package dev.wherry.agent.services;

import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * An immutable map in a fixed number of parts: a changed copy shares all parts but those that the
 * change touches, so that copying and comparing cost as much as the change does, not the whole.
 */
final class Shards<K, V> {
  private static final int PARTS = 256;

  private final Map<K, V>[] parts;

  private Shards(Map<K, V>[] parts) {
    this.parts = parts;
  }

  @SuppressWarnings("unchecked") // arrays cannot be generic
  static <K, V> Shards<K, V> empty() {
    Map<K, V>[] parts = new Map[PARTS];
    Arrays.fill(parts, Map.of());
    return new Shards<>(parts);
  }

  private static int part(Object key) {
    int hash = key.hashCode();
    return (hash ^ hash >>> 16) & PARTS - 1;
  }

  V getOrDefault(K key, V absent) {
    return parts[part(key)].getOrDefault(key, absent);
  }

  /** This one with other values for some keys; those that have {@code absent} are left out. */
  Shards<K, V> with(Map<K, V> changed, V absent) {
    Map<K, V>[] after = parts.clone();
    changed.forEach(
        (key, value) -> {
          int part = part(key);
          if (after[part] == parts[part]) {
            after[part] = new HashMap<>(parts[part]);
          }
          if (value.equals(absent)) {
            after[part].remove(key);
          } else {
            after[part].put(key, value);
          }
        });
    return new Shards<>(after);
  }

  /** The keys whose values are not the same object in both. */
  Set<K> differences(Shards<K, V> other) {
    Set<K> keys = new HashSet<>();
    for (int i = 0; i < PARTS; i++) {
      Map<K, V> mine = parts[i];
      Map<K, V> others = other.parts[i];
      if (mine != others) {
        mine.forEach(
            (key, value) -> {
              if (others.get(key) != value) {
                keys.add(key);
              }
            });
        others.keySet().stream().filter(key -> !mine.containsKey(key)).forEach(keys::add);
      }
    }
    return keys;
  }

  void forEachValue(Consumer<V> visitor) {
    for (Map<K, V> part : parts) {
      part.values().forEach(visitor);
    }
  }
}
