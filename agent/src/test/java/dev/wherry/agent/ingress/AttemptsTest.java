package dev.wherry.agent.ingress;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AttemptsTest {
  private final Attempts attempts = new Attempts();

  private static List<InetSocketAddress> backends(int count) {
    List<InetSocketAddress> backends = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      backends.add(new InetSocketAddress("192.0.2." + (1 + i), 80));
    }
    return backends;
  }

  /** All that are tried while none can be reached. */
  private List<InetSocketAddress> tried(List<InetSocketAddress> backends, int first) {
    attempts.begin(backends, first);
    List<InetSocketAddress> tried = new ArrayList<>();
    do {
      tried.add(attempts.next());
    } while (attempts.mayFollow());
    return tried;
  }

  @Test
  void goesFromBackendToBackendUpToThree() {
    List<InetSocketAddress> five = backends(5);
    assertThat(tried(five, 3)).containsExactly(five.get(3), five.get(4), five.get(0));
    assertThat(tried(five, -1)).as("turns wrap around").startsWith(five.get(4));
    List<InetSocketAddress> one = backends(1);
    assertThat(tried(one, 7)).containsExactly(one.getFirst(), one.getFirst());
  }

  @Test
  void aRequestIsSentAgainTwiceAndOnceMoreWhereItsConnectionHadWaited() {
    attempts.begin(backends(2), 0);
    attempts.next();
    assertThat(attempts.isFirst()).isTrue();
    assertThat(attempts.mayRepeat(true)).isTrue();
    attempts.next();
    assertThat(attempts.isFirst()).isFalse();
    assertThat(attempts.mayRepeat(false)).isTrue();
    attempts.next();
    assertThat(attempts.mayRepeat(false)).isFalse();
  }
}
