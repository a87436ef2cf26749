package dev.wherry.agent.ip;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KernelIpv6Test {
  private static final List<IpChange> CHANGES =
      List.of(new IpChange.NoGeneratedAddress("eth0"), new IpChange.SetUp("eth0"));

  @Test
  void changesOfWhatTheKernelLacksAreLeftOut(@TempDir Path directory) {
    assertThat(KernelIpv6.possible(CHANGES, directory)).isEqualTo(CHANGES);
    assertThat(KernelIpv6.possible(CHANGES, directory.resolve("ipv6")))
        .containsExactly(new IpChange.SetUp("eth0"));
  }
}
