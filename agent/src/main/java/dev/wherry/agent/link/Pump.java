package dev.wherry.agent.link;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries bytes from one stream to another on a virtual thread, and the end of them. */
final class Pump {
  private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
  private static final int BUFFER_BYTES = 16 * 1024;
  private static final Duration GLANCE = Duration.ofMillis(100);

  private final InputStream source;
  private final OutputStream sink;
  private final Thread thread;
  private volatile long readingSinceNanos;
  private volatile boolean reading;

  Pump(InputStream source, OutputStream sink) {
    this.source = source;
    this.sink = sink;
    this.thread = Thread.ofVirtual().name("pump").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      for (int size = read(buffer); size >= 0; size = read(buffer)) {
        sink.write(buffer, 0, size);
      }
      sink.close();
    } catch (IOException e) {
      LOG.debug("a stream broke: {}", e.getMessage()); // its owner learns why from the other end
    }
  }

  private int read(byte[] buffer) throws IOException {
    readingSinceNanos = System.nanoTime();
    reading = true;
    try {
      return source.read(buffer);
    } finally {
      reading = false;
    }
  }

  void join() throws InterruptedException {
    thread.join();
  }

  /**
   * Waits for the end, but not longer than this for a source that says nothing. One whose receiver
   * is slow is waited for.
   */
  void join(Duration silence) throws InterruptedException {
    long from = System.nanoTime();
    while (!thread.join(GLANCE)) {
      long since = Math.max(from, readingSinceNanos);
      if (reading && System.nanoTime() - since > silence.toNanos()) {
        return;
      }
    }
  }
}
