package dev.wherry.master.http;

import dev.wherry.api.object.Meta;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries a client's connections to a pod's ports. Thread-safe. */
record PortRelay(Connector connector, Obj pod) {
  private static final Logger LOG = LoggerFactory.getLogger(PortRelay.class);

  /**
   * Connects and carries bytes in both directions until the pod's side has ended, or the client's
   * input ends by the client's leaving. What goes wrong is told on {@code error}. Closes the
   * streams.
   */
  void run(String port, InputStream from, OutputStream to, OutputStream error) {
    try (error) {
      try (to;
          from;
          Connector.PortStream target = connector.portForward(pod, number(port))) {
        Thread upwards = Thread.ofVirtual().start(() -> send(from, target));
        Streams.copy(target.input(), to);
        to.close();
        from.close();
        upwards.join();
      } catch (StatusException | IOException e) {
        error.write(
            ("error forwarding port "
                    + port
                    + " to pod "
                    + Meta.of(pod).name()
                    + ", uid : "
                    + e.getMessage())
                .getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      LOG.debug("a forwarded connection ended early: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static int number(String port) throws IOException {
    try {
      return Integer.parseInt(port);
    } catch (NumberFormatException e) {
      throw new IOException("no port: \"" + port + "\"", e);
    }
  }

  private static void send(InputStream from, Connector.PortStream target) {
    try (OutputStream to = target.output()) {
      Streams.copy(from, to);
    } catch (IOException e) {
      LOG.debug("a forwarded connection was closed by the pod: {}", e.toString());
    }
  }
}
