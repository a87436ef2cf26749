package dev.wherry.master.store.mapdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.master.store.Key;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointFileTest {
  private static final CheckpointFile.Header HEADER = new CheckpointFile.Header(7, 9, 3, 1000);

  @TempDir Path directory;

  private record Version(Key key, long revision, long created, byte[] value) {
    String text() {
      return Arrays.toString(key.bytes()) + revision + "/" + created + Arrays.toString(value);
    }
  }

  @Test
  void readsBackWhatWasWritten() throws IOException {
    Random random = new Random(5);
    TreeSet<Key> keys = new TreeSet<>();
    for (int i = 0; i < 700; i++) {
      byte[] key = new byte[1 + random.nextInt(6)];
      for (int j = 0; j < key.length; j++) {
        key[j] = (byte) (new int[] {0, 1, 'a', 0xfe, 0xff}[random.nextInt(5)]);
      }
      keys.add(new Key(key));
    }
    List<Version> versions = new ArrayList<>();
    long revision = 1;
    for (Key key : keys) {
      for (int i = 0; i <= random.nextInt(3); i++) {
        byte[] value = new byte[random.nextInt(100)];
        random.nextBytes(value);
        versions.add(new Version(key, revision++, random.nextInt(3), value));
      }
    }
    byte[] large = new byte[1_500_000];
    random.nextBytes(large);
    versions.add(new Version(Key.of("\uffff\uffff\uffff\uffff"), revision, 1, large));
    versions.sort((a, b) -> a.key().compareTo(b.key()));
    Path file = directory.resolve("checkpoint");
    CheckpointFile.write(
        file,
        HEADER,
        visitor ->
            versions.forEach(v -> visitor.visit(v.key(), v.revision(), v.created(), v.value())));
    CheckpointFile.verify(file);
    assertThat(CheckpointFile.header(file)).isEqualTo(HEADER);
    List<String> read = new ArrayList<>();
    CheckpointFile.read(
        file, (key, rev, created, value) -> read.add(new Version(key, rev, created, value).text()));
    assertThat(read).isEqualTo(versions.stream().map(Version::text).toList());
  }

  @Test
  void anEmptyOneIsWholeToo() throws IOException {
    Path file = directory.resolve("checkpoint");
    CheckpointFile.write(file, HEADER, _ -> {});
    CheckpointFile.verify(file);
    CheckpointFile.read(
        file,
        (_, _, _, _) -> {
          throw new AssertionError("there is nothing");
        });
  }

  @Test
  void noticesDamageAnywhere() throws IOException {
    Path file = directory.resolve("checkpoint");
    CheckpointFile.write(file, HEADER, v -> v.visit(Key.of("/a"), 1, 1, new byte[100]));
    byte[] good = Files.readAllBytes(file);
    Random random = new Random(9);
    for (int i = 0; i < 30; i++) {
      byte[] bad = good.clone();
      int at = i < 20 ? bad.length - 1 - i : random.nextInt(bad.length);
      bad[at] ^= 4;
      Files.write(file, bad);
      assertThatThrownBy(() -> CheckpointFile.verify(file))
          .as("at %s", at)
          .isInstanceOf(IOException.class)
          .hasMessageContaining(file.toString());
    }
    Files.write(file, Arrays.copyOf(good, 10));
    assertThatThrownBy(() -> CheckpointFile.verify(file)).isInstanceOf(IOException.class);
  }
}
