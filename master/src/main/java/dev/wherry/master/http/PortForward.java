package dev.wherry.master.http;

import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code portforward.k8s.io} over SPDY: for each connection to the pod the client opens an error
 * stream and a data stream with the same {@code requestID}. {@link #opened} and {@link #closed} are
 * confined to the event loop.
 */
final class PortForward implements SpdyConnection.Listener {
  static final String PROTOCOL = "portforward.k8s.io";

  private static final Logger LOG = LoggerFactory.getLogger(PortForward.class);
  private static final int BUFFER_BYTES = 32 * 1024;

  private final Connector connector;
  private final Obj pod;
  private final Map<String, SpdyStream> errors = new HashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);

  PortForward(Connector connector, Obj pod) {
    this.connector = connector;
    this.pod = pod;
  }

  @Override
  public void opened(SpdyStream stream) {
    String request = stream.header("requestid");
    switch (stream.header("streamtype")) {
      case "error" -> errors.put(request, stream);
      case "data" -> {
        SpdyStream error = errors.remove(request);
        if (error != null) {
          Thread.ofVirtual().start(() -> forward(stream, error));
        }
      }
      default -> LOG.debug("a stream of type {}", stream.header("streamtype"));
    }
  }

  @Override
  public void closed() {
    end.countDown();
  }

  /** Returns when the client is gone. */
  void await() throws IOException {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while ports were forwarded", e);
    }
  }

  private void forward(SpdyStream data, SpdyStream error) {
    String port = data.header("port");
    try (error) {
      try (data;
          Connector.PortStream target = connector.portForward(pod, Integer.parseInt(port))) {
        Thread upwards = Thread.ofVirtual().start(() -> send(data.input(), target));
        copy(target.input(), data);
        data.close();
        data.inbox().close();
        upwards.join();
      } catch (StatusException | NumberFormatException | IOException e) {
        error.write(
            ("error forwarding port " + port + " to pod " + name() + ": " + e.getMessage())
                .getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      LOG.debug("a forwarded connection ended early: {}", e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String name() {
    return pod.obj("metadata").string("name");
  }

  private static void send(InputStream from, Connector.PortStream target) {
    try (OutputStream to = target.output()) {
      copy(from, to);
    } catch (IOException e) {
      LOG.debug("a forwarded connection was closed by the pod: {}", e.toString());
    }
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    byte[] buffer = new byte[BUFFER_BYTES];
    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
      out.write(buffer, 0, read);
      out.flush();
    }
  }
}
