package dev.wherry.agent.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.desired.DesiredState;
import dev.wherry.agent.desired.DesiredState.Networks;
import dev.wherry.agent.desired.DesiredState.Resource;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
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
