package dev.wherry.agent.services.userspace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.services.Backend;
import dev.wherry.api.address.Ip;
import java.util.List;
import org.junit.jupiter.api.Test;

class AffinityTest {
  private static final long TIMEOUT = 1_000;
  private static final Ip CLIENT = Ip.parse("10.42.0.9");
  private static final Backend ONE = backend("10.42.0.5");
  private static final Backend OTHER = backend("10.42.0.6");

  private final Affinity affinity = new Affinity();

  private static Backend backend(String address) {
    Ip ip = Ip.parse(address);
    return new Backend(ip.high(), ip.low(), 80);
  }

  @Test
  void aClientIsForgottenWhenItWasAwayForItsTime() {
    affinity.remember(CLIENT, ONE, 0);

    assertThat(affinity.find(CLIENT, List.of(ONE, OTHER), TIMEOUT, TIMEOUT - 1)).contains(ONE);
    assertThat(affinity.find(CLIENT, List.of(ONE, OTHER), TIMEOUT, TIMEOUT)).isEmpty();

    affinity.remember(CLIENT, OTHER, TIMEOUT);
    assertThat(affinity.find(CLIENT, List.of(ONE, OTHER), TIMEOUT, 2 * TIMEOUT - 1))
        .as("counted from its last connection")
        .contains(OTHER);
  }

  @Test
  void aBackendThatIsGoneBindsNobody() {
    affinity.remember(CLIENT, ONE, 0);

    assertThat(affinity.find(CLIENT, List.of(OTHER), TIMEOUT, 1)).isEmpty();
    assertThat(affinity.find(Ip.parse("10.42.0.10"), List.of(ONE), TIMEOUT, 1)).isEmpty();
  }
}
