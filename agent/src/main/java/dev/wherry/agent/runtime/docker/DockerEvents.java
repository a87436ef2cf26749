package dev.wherry.agent.runtime.docker;

import static dev.wherry.agent.runtime.socket.UnixHttp.encode;

import dev.wherry.agent.runtime.ContainerRuntime.ExitListener;
import dev.wherry.agent.runtime.socket.UnixHttp;
import dev.wherry.agent.runtime.socket.UnixHttp.Hijacked;
import dev.wherry.api.tree.Json;
import dev.wherry.api.tree.MalformedTreeException;
import dev.wherry.api.tree.Obj;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows Docker's events of containers that end, again and again while the daemon restarts. What
 * ends in between is found by whoever lists. Runs on a virtual thread until it is closed.
 */
final class DockerEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(DockerEvents.class);
  private static final Duration AGAIN = Duration.ofSeconds(1);
  private static final String ENDS =
      "/events?filters=" + encode("{\"type\":[\"container\"],\"event\":[\"die\"]}");

  private final UnixHttp http;
  private final String prefix;
  private final ExitListener listener;
  private final CountDownLatch end = new CountDownLatch(1);
  private volatile @Nullable Hijacked stream;

  private DockerEvents(UnixHttp http, String prefix, ExitListener listener) {
    this.http = http;
    this.prefix = prefix;
    this.listener = listener;
  }

  /** Returns once the daemon has begun to tell. */
  static DockerEvents follow(UnixHttp http, String prefix, ExitListener listener)
      throws IOException {
    DockerEvents events = new DockerEvents(http, prefix, listener);
    Hijacked first = http.stream(prefix + ENDS);
    events.stream = first;
    Thread.ofVirtual().name("docker-events").start(() -> events.run(first));
    return events;
  }

  private void run(Hijacked first) {
    try {
      read(first);
      while (!end.await(AGAIN.toMillis(), TimeUnit.MILLISECONDS)) {
        try {
          Hijacked next = http.stream(prefix + ENDS);
          stream = next;
          read(next);
        } catch (IOException e) {
          LOG.debug("Docker tells no events: {}", e.getMessage());
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private void read(Hijacked events) {
    try (events;
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(events.input(), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Obj event = Json.read(line);
        listener.onExit(event.at("Actor").string("ID", event.string("id")));
      }
    } catch (IOException | MalformedTreeException e) {
      LOG.debug("Docker's events end: {}", e.getMessage());
    }
  }

  @Override
  public void close() {
    end.countDown();
    Hijacked open = stream;
    if (open != null) {
      open.close();
    }
  }
}
