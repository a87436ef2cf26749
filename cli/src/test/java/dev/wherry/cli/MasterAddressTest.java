package dev.wherry.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MasterAddressTest {
  @ParameterizedTest
  @CsvSource({
    "https://pi.local:7444,pi.local,7444",
    "https://pi.local/,pi.local,6444",
    "192.0.2.1:7444,192.0.2.1,7444",
    "192.0.2.1,192.0.2.1,6444"
  })
  void readsUrlsAndHosts(String server, String host, int port) {
    assertThat(MasterAddress.parse(server, "")).isEqualTo(new MasterAddress(host, port, ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "http://x", "https://x/y", "x:port"})
  void refusesAnythingElseInOneLine(String server) {
    assertThatThrownBy(() -> MasterAddress.parse(server, ""))
        .isInstanceOf(UserError.class)
        .hasMessageContaining("--server must be https://HOST:PORT, not \"" + server + "\"");
  }

  @Test
  void keepsTheToken() {
    assertThat(MasterAddress.parse("x", "T").token()).isEqualTo("T");
  }
}
