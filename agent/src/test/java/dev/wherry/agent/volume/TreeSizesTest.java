package dev.wherry.agent.volume;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.linux.TreeSize;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class TreeSizesTest {
  private static final int BLOCK = 4096;

  @TempDir Path tree;
  private final AtomicLong nanos = new AtomicLong();
  private final TreeSizes sizes = new TreeSizes(nanos::get, Duration.ofMinutes(10), 1);

  private TreeSize size() throws Exception {
    return sizes.read().of(tree).orElseThrow();
  }

  @Test
  void whoAsksFirstWaitsForTheSize() throws Exception {
    Files.write(tree.resolve("a"), new byte[3 * BLOCK]);
    assertThat(size()).isEqualTo(new TreeSize(3 * BLOCK, 1));
  }

  @Test
  void aTreeIsMeasuredOnceAMinuteAndNobodyWaitsForThat() throws Exception {
    assertThat(size()).isEqualTo(TreeSize.NONE);
    Files.write(tree.resolve("a"), new byte[BLOCK]);
    nanos.addAndGet(Duration.ofSeconds(59).toNanos());
    assertThat(size()).as("known for a minute").isEqualTo(TreeSize.NONE);
    nanos.addAndGet(Duration.ofSeconds(1).toNanos());
    Await.until("the new size", () -> size().equals(new TreeSize(BLOCK, 1)));
  }

  /** One who waited would wait for longer than this test may take. */
  @Test
  void nobodyWaitsWhileALargeTreeIsRestedFrom() throws Exception {
    TreeSizes tired = new TreeSizes(nanos::get, Duration.ofMinutes(10), 1 << 30);
    assertThat(tired.read().of(tree)).isPresent();
    assertThat(tired.read().of(tree.resolve("other"))).isEmpty();
  }

  @Test
  void countsBlocksAndFilesWithSeveralNamesOnce() throws Exception {
    Path file = Files.write(tree.resolve("a"), new byte[2 * BLOCK]);
    Files.createLink(tree.resolve("b"), file);
    try (var hole =
        Files.newByteChannel(
            tree.resolve("hole"),
            java.nio.file.StandardOpenOption.CREATE,
            java.nio.file.StandardOpenOption.WRITE)) {
      hole.position(1 << 20).write(java.nio.ByteBuffer.wrap(new byte[1]));
    }
    Files.createSymbolicLink(tree.resolve("link"), Path.of("/usr"));
    assertThat(size()).isEqualTo(new TreeSize(3 * BLOCK, 3));
  }

  @Test
  void whatIsNotThereHasNothing() throws Exception {
    assertThat(sizes.read().of(tree.resolve("none"))).contains(TreeSize.NONE);
  }

  @Test
  void remembersSoManyTreesAtTheMost() throws Exception {
    TreeSizes.Reading reading = sizes.read();
    Files.write(tree.resolve("a"), new byte[BLOCK]);
    assertThat(reading.of(tree)).isPresent();
    for (int i = 0; i < TreeSizes.MAX_TREES; i++) {
      Path other = tree.resolve("none" + i);
      Await.until("size of " + other, () -> sizes.read().of(other).isPresent());
    }
    Files.write(tree.resolve("b"), new byte[BLOCK]);
    assertThat(size()).as("measured anew").isEqualTo(new TreeSize(2 * BLOCK, 2));
  }
}
