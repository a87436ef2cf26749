package dev.wherry.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.Await;
import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.agent.host.Command;
import dev.wherry.api.object.PodUid;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DesiredCheckpointTest {
  private static final Obj POD =
      Json.read("{\"metadata\":{\"namespace\":\"a\",\"name\":\"web\",\"uid\":\"u\"}}");
  private static final Obj SECRET =
      Json.read(
          "{\"metadata\":{\"namespace\":\"a\",\"name\":\"s\"},\"data\":{\"k\":\"c2VzYW1l\"}}");

  @TempDir Path directory;

  private void write() throws Exception {
    DesiredState desired = new DesiredState();
    try (DesiredCheckpoint _ = DesiredCheckpoint.open(desired, directory)) {
      desired.upsert(Resource.PODS, POD);
      desired.upsert(Resource.SECRETS, SECRET);
      desired.networks(new Networks("10.1.0.0/24", "10.1.0.0/16", "10.2.0.0/16"));
    }
  }

  private DesiredState read() throws Exception {
    DesiredState desired = new DesiredState();
    DesiredCheckpoint.open(desired, directory).close();
    return desired;
  }

  @Test
  void bringsBackWhatWasDesired() throws Exception {
    write();
    DesiredState desired = read();
    assertThat(desired.all(Resource.PODS)).containsExactly(POD);
    assertThat(desired.all(Resource.SECRETS)).containsExactly(SECRET);
    assertThat(desired.networks().podCidr()).isEqualTo("10.1.0.0/24");
  }

  @Test
  void bringsBackPodsWithTheirLastStatusAndTheNodesOwn() throws Exception {
    Obj own = POD.withAt("own", "metadata", "name").withAt("u9", "metadata", "uid");
    Obj ended = Obj.of("phase", "Succeeded");
    DesiredState desired = new DesiredState();
    try (DesiredCheckpoint checkpoint = DesiredCheckpoint.open(desired, directory)) {
      desired.upsert(Resource.PODS, POD);
      desired.ownPod(own);
      checkpoint.podStatus(new PodUid(POD.obj("metadata").string("uid")), ended);
    }
    DesiredState read = read();
    assertThat(read.all(Resource.PODS)).containsExactlyInAnyOrder(POD.with("status", ended), own);
    assertThat(read.ownPods()).containsExactly(own);
    read.synced(java.util.Map.of());
    assertThat(read.all(Resource.PODS)).as("the master does not remove them").containsExactly(own);
  }

  @Test
  void aFullDiskKeepsTheLastOneWholeAndRoomBringsTheNext() throws Exception {
    Command.of("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.toString()).run();
    try {
      write();
      byte[] whole = Files.readAllBytes(directory.resolve("desired.smile"));
      Path other = directory.resolve("other");
      DesiredState desired = new DesiredState();
      Duration again = Duration.ofMillis(50);
      try (WatchService seen = directory.getFileSystem().newWatchService();
          DesiredCheckpoint _ = DesiredCheckpoint.open(desired, directory, again)) {
        fill(other);
        directory.register(seen, StandardWatchEventKinds.ENTRY_DELETE);
        desired.upsert(
            Resource.PODS, POD.withAt("late", "metadata", "name").withAt("u2", "metadata", "uid"));
        assertThat(seen.poll(60, TimeUnit.SECONDS)).as("a try that failed is removed").isNotNull();
        assertThat(Files.readAllBytes(directory.resolve("desired.smile"))).isEqualTo(whole);

        Files.delete(other);
        Await.until(
            "the next write",
            () -> !Arrays.equals(Files.readAllBytes(directory.resolve("desired.smile")), whole));
      }
      assertThat(read().all(Resource.PODS)).hasSize(2);
    } finally {
      Command.of("umount", directory.toString()).run();
    }
  }

  private static void fill(Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      while (true) {
        out.write(new byte[4096]);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  @Test
  void keepsSecretsFromWhoReadsTheDisk() throws Exception {
    write();
    String bytes =
        Files.readString(directory.resolve("desired.smile"), StandardCharsets.ISO_8859_1);
    assertThat(bytes).contains("web").doesNotContain("c2VzYW1l").doesNotContain("sesame");
    assertThat(Files.getPosixFilePermissions(directory.resolve("node.key")))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void putsADamagedFileAside() throws Exception {
    write();
    Path file = directory.resolve("desired.smile");
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    assertThat(read().all(Resource.PODS)).isEmpty();
    assertThat(directory.resolve("desired.damaged")).exists();
  }
}
