package dev.wherry.agent.logs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.logs.PodLogs.Query;
import dev.wherry.agent.logs.PodLogs.Source;
import dev.wherry.agent.runtime.ContainerRuntime;
import dev.wherry.agent.runtime.ContainerSpec;
import dev.wherry.agent.runtime.ContainerSpecs;
import dev.wherry.agent.runtime.FakeRuntime;
import dev.wherry.api.object.ObjectKey;
import dev.wherry.api.object.PodUid;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogRotationTest {
  private static final long MAX_BYTES = 1000;

  @TempDir Path directory;
  private final FakeRuntime runtime = new FakeRuntime("image");
  private final AtomicLong seconds = new AtomicLong();
  private LogStore store;
  private LogRotation rotation;
  private ContainerSpec spec;
  private String id;
  private Path log;

  @BeforeEach
  void runs() throws Exception {
    store = new LogStore(directory.resolve("log"), directory.resolve("data"));
    rotation =
        new LogRotation(
            runtime,
            store,
            new LogRotation.Bound(MAX_BYTES, 3),
            () -> Instant.ofEpochSecond(seconds.incrementAndGet()));
    log = directory.resolve("log/pods/ns_web_u1/app/0.log");
    spec = ContainerSpecs.of("image", new PodUid("u1"), log);
    store.prepare(spec);
    id = runtime.create(spec);
    store.linkTo(spec, id);
    runtime.start(id);
    Files.createFile(log);
  }

  @Test
  void countsTheRunsThatLeftLogs() throws Exception {
    assertThat(store.runs(new ObjectKey("ns", "web"), new PodUid("u1")))
        .isEqualTo(Map.of("app", 1));
    Files.createFile(log.resolveSibling("10.log"));
    Files.createFile(log.resolveSibling("9.log"));
    Files.createFile(log.resolveSibling("11.log.20260101-000000"));
    Files.createDirectories(log.resolveSibling("..").resolve("idle"));
    assertThat(store.runs(new ObjectKey("ns", "web"), new PodUid("u1")))
        .isEqualTo(Map.of("app", 11));
    assertThat(store.runs(new ObjectKey("ns", "web"), new PodUid("u2"))).isEmpty();
  }

  private void write(int line) throws IOException {
    Files.writeString(
        log, "2026-01-01T00:00:00.0+00:00 stdout F " + line + "\n", StandardOpenOption.APPEND);
  }

  private static String text(int from, int to) {
    StringBuilder text = new StringBuilder();
    for (int i = from; i < to; i++) {
      text.append(i).append('\n');
    }
    return text.toString();
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(log.getParent())) {
      return files.sorted().toList();
    }
  }

  @Test
  void keepsSoManyFilesOfSoManyBytes() throws Exception {
    for (int i = 0; i < 500; i++) {
      write(i);
      rotation.look();
    }
    assertThat(files()).hasSize(3).contains(log);
    for (Path each : files()) {
      assertThat(Files.size(each)).isLessThan(MAX_BYTES + 100);
    }
  }

  @Test
  void asksForAnotherLookSoonWhileALogFills() throws Exception {
    write(1);
    assertThat(rotation.look()).isFalse();
    for (int i = 0; i < 40; i++) {
      write(i);
    }
    assertThat(rotation.look()).isTrue();
  }

  @Test
  void finishesARotationInWhoseMidstAnAgentEnded() throws Exception {
    write(1);
    rotation.look();
    Files.move(log, log.resolveSibling("0.log.20260101-000000.000"));
    rotation.look();
    assertThat(log).exists();
  }

  @Test
  void aFollowerLosesAndDoublesNothingAcrossRotations() throws Exception {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int[] next = {0};
    Query query =
        new Query(
            "",
            true,
            false,
            false,
            Source.ALL,
            OptionalLong.empty(),
            Optional.empty(),
            OptionalLong.empty());
    try (LogReader reader = new LogReader(log, query, out)) {
      reader.copy(
          () -> {
            // Up to two rotations between two looks: the files in between are still there.
            for (int burst = random.nextInt(4); burst > 0; burst--) {
              for (int i = random.nextInt(40); i > 0; i--) {
                write(next[0]++);
              }
              if (burst < 3) {
                rotation.look();
              }
            }
            return next[0] < 2_000;
          });
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .as("seed %d", seed)
        .isEqualTo(text(0, next[0]));
  }

  @Test
  void linksEachContainerAndLeavesNothingBehind() throws Exception {
    Path link = directory.resolve("log/containers/web_ns_app-" + id + ".log");
    write(7);
    assertThat(link).isSymbolicLink().content().endsWith("7\n");

    LogStore other = new LogStore(directory.resolve("log"), directory.resolve("other"));
    other.retain(_ -> false);
    assertThat(log).as("another agent's").exists();
    store.retain(new PodUid("u1")::equals);
    assertThat(log).exists();
    store.retain(_ -> false);
    assertThat(log).doesNotExist();
    assertThat(Files.isSymbolicLink(link)).isFalse();
    store.purge();
    assertThat(directory.resolve("log/pods")).doesNotExist();
    assertThat(directory.resolve("log/containers")).doesNotExist();
  }

  @Test
  void removesAContainersFilesWithIt() throws Exception {
    for (int i = 0; i < 100; i++) {
      write(i);
      rotation.look();
    }
    ContainerRuntime engine = runtime;
    store.remove(engine.inspect(id).orElseThrow());
    assertThat(files()).isEmpty();
    assertThat(directory.resolve("log/containers")).isEmptyDirectory();
  }
}
