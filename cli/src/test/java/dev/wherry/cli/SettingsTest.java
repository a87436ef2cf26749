package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class SettingsTest {
  @TempDir private Path directory;

  @Command
  static final class Sample {
    @Option(names = "--api-port", defaultValue = "6443")
    int apiPort;

    @Option(names = "--config")
    String config = "";
  }

  private int apiPort(Map<String, String> environment, String... arguments) {
    Sample sample = new Sample();
    CommandLine line = new CommandLine(sample);
    line.setDefaultValueProvider(Settings.load(arguments, environment));
    line.parseArgs(arguments);
    return sample.apiPort;
  }

  private String file(String yaml) throws IOException {
    return Files.writeString(directory.resolve("config.yaml"), yaml).toString();
  }

  @Test
  void fileGivesWayToEnvironmentAndEnvironmentToFlag() throws IOException {
    String config = file("api-port: 7001\n");
    assertThat(apiPort(Map.of())).isEqualTo(6443);
    assertThat(apiPort(Map.of(), "--config", config)).isEqualTo(7001);
    assertThat(apiPort(Map.of("WHERRY_CONFIG", config))).isEqualTo(7001);
    assertThat(apiPort(Map.of("WHERRY_API_PORT", "7002"), "--config=" + config)).isEqualTo(7002);
    assertThat(apiPort(Map.of("WHERRY_API_PORT", "7002"), "--config=" + config, "--api-port=7003"))
        .isEqualTo(7003);
  }

  @Test
  void namesTheFileThatIsMissingOrMalformed() throws IOException {
    assertThatThrownBy(() -> apiPort(Map.of(), "--config=" + directory + "/none.yaml"))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("none.yaml");
    String nested = file("api-port: {a: 1}\n");
    assertThatThrownBy(() -> apiPort(Map.of(), "--config=" + nested))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("'api-port' must be a plain value");
    String broken = file("a: [\n");
    assertThatThrownBy(() -> apiPort(Map.of(), "--config=" + broken))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("is no YAML");
  }
}
