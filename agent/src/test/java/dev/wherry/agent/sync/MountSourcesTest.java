package dev.wherry.agent.sync;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.wherry.agent.host.Mounts;
import dev.wherry.agent.runtime.ContainerSpec.Mount;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MountSourcesTest {
  private static Mount mount(String propagation) {
    return new Mount(Path.of("/mnt/x"), "/x", false, propagation);
  }

  private static Mounts.Mount source(String options) {
    return new Mounts.Mount("8:1", "/", Path.of("/mnt"), options);
  }

  @ParameterizedTest
  @CsvSource({
    "rshared, shared:1",
    "rslave, shared:1",
    "rslave, master:1",
    "rslave, shared:2 master:1"
  })
  void takesSourcesWhoseMountsTravel(String propagation, String options) {
    assertThatCode(() -> MountSources.propagates(mount(propagation), source(options)))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({
    "rshared, '', a shared mount",
    "rshared, master:1, a shared mount",
    "rslave, '', a shared or slave mount",
  })
  void refusesTheOthers(String propagation, String options, String kind) {
    assertThatThrownBy(() -> MountSources.propagates(mount(propagation), source(options)))
        .isInstanceOf(ConfigException.class)
        .hasMessage("path \"/mnt/x\" is mounted on \"/mnt\" but it is not " + kind);
  }
}
