package dev.wherry.agent.services;

import static org.assertj.core.api.Assertions.assertThat;

import dev.wherry.agent.host.OwnNetwork;
import dev.wherry.agent.services.HealthCheckPorts.Health;
import dev.wherry.api.object.ObjectKey;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Over sockets, in a network namespace of its own. */
@ExtendWith(OwnNetwork.class)
class HealthCheckPortsTest {
  private static final int FIRST_PORT = 32_000;

  @Test
  void eachOfManyPortsAnswersThoughNobodyAsksTheOthers() throws Exception {
    Map<Integer, Health> wanted = new HashMap<>();
    for (int i = 0; i < 40; i++) {
      wanted.put(FIRST_PORT + i, new Health(new ObjectKey("default", "s" + i), i % 2));
    }
    try (HealthCheckPorts ports = new HealthCheckPorts()) {
      ports.serve(wanted);

      for (int i = 0; i < 40; i++) {
        assertThat(ask(FIRST_PORT + i))
            .startsWith(i % 2 == 0 ? "HTTP/1.1 503" : "HTTP/1.1 200")
            .contains("\"name\":\"s" + i + "\"");
      }
    }
  }

  private static String ask(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(60_000);
      socket
          .getOutputStream()
          .write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
