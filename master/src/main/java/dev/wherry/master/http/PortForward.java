package dev.wherry.master.http;

import java.io.IOException;
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

  /** The same in a WebSocket. */
  static final String TUNNELLED_PROTOCOL = "SPDY/3.1+portforward.k8s.io";

  private static final Logger LOG = LoggerFactory.getLogger(PortForward.class);

  private final PortRelay relay;
  private final Map<String, SpdyStream> errors = new HashMap<>();
  private final CountDownLatch end = new CountDownLatch(1);

  PortForward(PortRelay relay) {
    this.relay = relay;
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
    relay.run(data.header("port"), data.input(), data, error);
    data.forget();
    error.forget();
  }
}
