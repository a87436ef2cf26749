package dev.wherry.agent.network.cni;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A plugin of specification 1.1, which Debian has none of: a script that notes what it is asked.
 */
class CniNetworkStateTest {
  @TempDir private Path directory;

  @BeforeEach
  void installPlugin() throws Exception {
    Path program = directory.resolve("noting");
    Files.writeString(
        program,
        """
        #!/bin/sh
        printf '%%s ' "$CNI_COMMAND" >> %1$s/asked; cat >> %1$s/asked; echo >> %1$s/asked
        [ "$CNI_COMMAND" != STATUS ] || [ ! -e %1$s/down ] ||
          { echo '{"code": 50, "msg": "the plugin is not available"}'; exit 1; }
        """
            .formatted(directory));
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private CniNetworkState state(String version, String more) {
    CniConfig config =
        CniConfig.parse(
            "{\"cniVersion\": \"%s\", \"name\": \"n\"%s, \"plugins\": [{\"type\": \"noting\"}]}"
                .formatted(version, more));
    return new CniNetworkState(config, new CniPlugins(List.of(directory)));
  }

  private List<String> asked() throws Exception {
    Path file = directory.resolve("asked");
    return Files.exists(file) ? Files.readAllLines(file) : List.of();
  }

  @Test
  void pluginsSayWhetherTheyCanConnectPods() throws Exception {
    assertThat(state("1.1.0", "").obstacle()).isEmpty();
    Files.createFile(directory.resolve("down"));
    assertThat(state("1.1.0", "").obstacle().orElse(""))
        .contains("noting", "the plugin is not available");
    assertThat(asked()).hasSize(2).allMatch(line -> line.startsWith("STATUS {"));

    assertThat(state("1.0.0", "").obstacle()).as("older ones are not asked").isEmpty();
    assertThat(asked()).hasSize(2);
  }

  @Test
  void pluginsAreToldWhichPodsThereAre() throws Exception {
    CniNetworkState state = state("1.1.0", "");
    CniAttachment pod =
        new CniAttachment(
            state.config(),
            state.plugins(),
            new CniPlugins.Attachment("pod-1", Path.of("/run/netns/x"), ""),
            Obj.EMPTY,
            Obj.EMPTY);
    state.collectGarbage(List.of(pod));
    assertThat(asked()).hasSize(1);
    Obj told = Json.read(asked().getFirst().substring("GC ".length()));
    assertThat(told.objs("cni.dev/valid-attachments"))
        .containsExactly(Obj.of("containerID", "pod-1", "ifname", "eth0"));

    state("1.1.0", ", \"disableGC\": true").collectGarbage(List.of(pod));
    state("1.0.0", "").collectGarbage(List.of(pod));
    assertThat(asked()).as("not these").hasSize(1);
  }
}
