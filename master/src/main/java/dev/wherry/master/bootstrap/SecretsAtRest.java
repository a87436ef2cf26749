package dev.wherry.master.bootstrap;

import dev.wherry.master.pki.EncryptionKeys;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.SealedStore;
import dev.wherry.master.store.ValueSeal;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Secrets are sealed on the disk, by keys in a file beside the store. */
public final class SecretsAtRest {
  private static final String KEYS = "encryption-keys";

  private SecretsAtRest() {}

  /** The store with its secrets sealed. */
  static SealedStore over(KvStore store, Path dataDirectory) throws IOException {
    return over(store, EncryptionKeys.open(dataDirectory.resolve(KEYS)));
  }

  private static SealedStore over(KvStore store, EncryptionKeys keys) {
    return new SealedStore(store, new Seal(keys), List.of(Registry.SECRETS));
  }

  private record Seal(EncryptionKeys keys) implements ValueSeal {
    @Override
    public byte[] seal(Key key, byte[] value) {
      return keys.seal(context(key), value);
    }

    @Override
    public byte[] open(Key key, byte[] stored) {
      return keys.open(context(key), stored);
    }

    private static byte[] context(Key key) {
      return key.toString().getBytes(StandardCharsets.UTF_8);
    }
  }

  /**
   * Makes a new key and seals every secret by it. The master must be down. Older keys stay in the
   * file: the store's history and backups were sealed by them.
   *
   * @param dataDirectory of the master
   * @return how many secrets there are
   * @throws IOException with a message for the user
   */
  public static int rotate(Path dataDirectory) throws IOException {
    try (KvStore disk =
        DiskStore.open(
            dataDirectory.resolve("store"),
            StoreOptions.defaults().withVolatilePrefixes(List.of(Registry.HEARTBEATS)))) {
      return over(disk, EncryptionKeys.rotate(dataDirectory.resolve(KEYS))).sealAgain();
    }
  }
}
