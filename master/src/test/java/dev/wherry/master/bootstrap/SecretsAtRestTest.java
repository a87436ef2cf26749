package dev.wherry.master.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.master.pki.EncryptionKeys;
import dev.wherry.master.registry.Registry;
import dev.wherry.master.store.Key;
import dev.wherry.master.store.KvStore;
import dev.wherry.master.store.Operation;
import dev.wherry.master.store.Precondition;
import dev.wherry.master.store.SealedStore;
import dev.wherry.master.store.disk.DiskStore;
import dev.wherry.master.store.disk.StoreOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SecretsAtRestTest {
  private static final Key SECRET = Key.of(Registry.SECRETS + "default/s");
  private static final byte[] VALUE = "correct horse battery".getBytes(StandardCharsets.UTF_8);
  private static final byte[] CONTEXT = {1};

  @TempDir Path directory;

  private SealedStore open() throws IOException {
    return SecretsAtRest.over(
        DiskStore.open(directory.resolve("store"), StoreOptions.defaults()), directory);
  }

  private boolean onDisk(String text) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).contains(text)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void secretsAreNotReadableOnTheDiskAndOutliveARotation() throws IOException {
    Key open = Key.of("/registry/configmaps/default/c");
    try (KvStore store = open()) {
      store
          .commit(
              List.of(
                  new Operation.Put(SECRET, VALUE, new Precondition.Absent()),
                  new Operation.Put(
                      open,
                      "plain words".getBytes(StandardCharsets.UTF_8),
                      new Precondition.Absent())))
          .join();
      assertThat(store.get(SECRET).orElseThrow().value()).isEqualTo(VALUE);
    }
    assertThat(onDisk("plain words")).isTrue();
    assertThat(onDisk("correct horse")).isFalse();
    Path keys = directory.resolve("encryption-keys");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
        .isEqualTo("rw-------");

    assertThat(SecretsAtRest.rotate(directory)).isEqualTo(1);
    assertThat(Files.readAllLines(keys)).hasSize(2);
    // Only the new key is needed for what is there now.
    Files.writeString(keys, Files.readAllLines(keys).getFirst() + "\n");
    try (KvStore store = open()) {
      assertThat(store.get(SECRET).orElseThrow().value()).isEqualTo(VALUE);
    }
  }

  @Test
  void opensOnlyWhatIsAsItWasWritten() throws IOException {
    EncryptionKeys keys = EncryptionKeys.open(directory.resolve("keys"));
    byte[] sealed = keys.seal(CONTEXT, VALUE);
    assertThat(keys.open(CONTEXT, sealed)).isEqualTo(VALUE);
    assertThat(keys.open(CONTEXT, VALUE)).isEqualTo(VALUE); // from before there were keys
    assertThat(keys.seal(CONTEXT, VALUE)).isNotEqualTo(sealed);
    assertThatThrownBy(() -> keys.open(new byte[] {2}, sealed))
        .hasMessage("a sealed value is not as it was written");
    byte[] changed = sealed.clone();
    changed[changed.length - 1] ^= 1;
    assertThatThrownBy(() -> keys.open(CONTEXT, changed)).isInstanceOf(IllegalStateException.class);
    EncryptionKeys other = EncryptionKeys.rotate(directory.resolve("keys"));
    byte[] newer = other.seal(CONTEXT, VALUE);
    assertThat(other.open(CONTEXT, sealed)).isEqualTo(VALUE);
    assertThatThrownBy(() -> keys.open(CONTEXT, newer))
        .hasMessageContaining("sealed by key 2, which is not in the key file");
  }

  @Test
  void saysWhatIsWrongWithTheFile() throws IOException {
    Path file = directory.resolve("keys");
    Files.writeString(file, "1 AAAA\n");
    assertThatThrownBy(() -> EncryptionKeys.open(file)).hasMessageContaining("no encryption keys");
  }
}
