package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The places that other programs look in: they belong to the default data directory's node. */
class LayoutTest {
  private static Layout of(String directory) {
    return new Layout(new DataDirectory(Path.of(directory)));
  }

  @Test
  void theDefaultNodeServesDevicePluginsAndLogShippersInTheUsualPlaces() {
    Layout layout = of(DataDirectory.DEFAULT);
    assertThat(layout.devicePlugins()).contains(Path.of("/var/lib/kubelet/device-plugins"));
    assertThat(layout.logs()).isEqualTo(Path.of("/var/log"));
  }

  @Test
  void anotherNodeKeepsToItself() {
    Layout layout = of("/srv/second");
    assertThat(layout.devicePlugins()).isEmpty();
    assertThat(layout.logs()).isEqualTo(Path.of("/srv/second/log"));
  }
}
