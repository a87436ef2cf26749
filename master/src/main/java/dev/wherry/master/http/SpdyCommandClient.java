package dev.wherry.master.http;

import dev.wherry.api.status.Reason;
import dev.wherry.api.status.StatusException;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.Obj;
import dev.wherry.master.registry.Connector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * {@code v4.channel.k8s.io} over SPDY: a stream for each of error, stdin, stdout, stderr and
 * resize, told by the header {@code streamType}. Thread-safe.
 */
final class SpdyCommandClient implements CommandClient, SpdyConnection.Listener {
  static final String PROTOCOL = "v4.channel.k8s.io";
  private static final Duration OPEN_TIMEOUT = Duration.ofSeconds(30);

  private final Set<String> expected = new HashSet<>();
  private final Map<String, SpdyStream> streams = new ConcurrentHashMap<>();
  private final CompletableFuture<Void> complete = new CompletableFuture<>();
  private final Runnable whenGone;

  /**
   * @param whenGone called on the event loop when the client has gone
   */
  SpdyCommandClient(Connector.ExecOptions options, Runnable whenGone) {
    this.whenGone = whenGone;
    expected.add("error");
    if (options.stdin()) {
      expected.add("stdin");
    }
    if (options.stdout()) {
      expected.add("stdout");
    }
    if (options.stderr() && !options.tty()) {
      expected.add("stderr");
    }
    if (options.tty()) {
      expected.add("resize");
    }
  }

  @Override
  public void opened(SpdyStream stream) {
    streams.put(stream.header("streamtype"), stream);
    if (streams.keySet().containsAll(expected)) {
      complete.complete(null);
    }
  }

  @Override
  public void closed() {
    complete.completeExceptionally(new IOException("the client is gone"));
    whenGone.run();
  }

  /** Waits until the client has opened its streams. */
  void awaitStreams() throws IOException {
    try {
      complete.get(OPEN_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw StatusException.of(
          Reason.TIMEOUT,
          "the client did not open its streams in " + OPEN_TIMEOUT.toSeconds() + "s");
    } catch (ExecutionException e) {
      throw new IOException("the client is gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for a client's streams", e);
    }
  }

  private InputStream input(String type) {
    SpdyStream stream = streams.get(type);
    return stream == null ? InputStream.nullInputStream() : stream.input();
  }

  private OutputStream output(String type) {
    SpdyStream stream = streams.get(type);
    return stream == null ? OutputStream.nullOutputStream() : stream;
  }

  @Override
  public InputStream stdin() {
    return input("stdin");
  }

  @Override
  public OutputStream stdout() {
    return output("stdout");
  }

  @Override
  public OutputStream stderr() {
    return output("stderr");
  }

  @Override
  public InputStream resizes() {
    return input("resize");
  }

  @Override
  public void finish(Obj status) throws IOException {
    output("stdout").close();
    output("stderr").close();
    try (OutputStream error = output("error")) {
      error.write(Json.write(status));
    }
  }
}
