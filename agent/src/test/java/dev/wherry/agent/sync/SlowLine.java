package dev.wherry.agent.sync;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A slow line to a server on loopback: what the server says arrives at so many bytes a second. */
final class SlowLine implements AutoCloseable {
  private static final int TICKS_PER_SECOND = 50;
  private static final int PIECE = 512;

  final int port;
  private final int server;
  private final ServerSocket listener;
  private final Semaphore bytes = new Semaphore(0);
  private final ScheduledExecutorService ticks = Executors.newSingleThreadScheduledExecutor();
  private volatile int share;

  SlowLine(int server, int bytesPerSecond) throws IOException {
    this.server = server;
    listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    port = listener.getLocalPort();
    carry(bytesPerSecond);
    ticks.scheduleAtFixedRate(
        () -> {
          bytes.drainPermits(); // what was not used is lost, as on a line
          bytes.release(share);
        },
        0,
        1000 / TICKS_PER_SECOND,
        TimeUnit.MILLISECONDS);
    Thread.startVirtualThread(this::accept);
  }

  /** Has it carry so many bytes a second from now on. */
  void carry(int bytesPerSecond) {
    share = Math.max(PIECE, bytesPerSecond / TICKS_PER_SECOND);
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.startVirtualThread(() -> relay(client));
      }
    } catch (IOException _) {
      // Closed: the test is over.
    }
  }

  private void relay(Socket client) {
    try (client;
        Socket upstream = new Socket(InetAddress.getLoopbackAddress(), server)) {
      Thread.startVirtualThread(() -> asked(client, upstream));
      InputStream in = upstream.getInputStream();
      OutputStream out = client.getOutputStream();
      byte[] one = new byte[PIECE];
      for (int count = in.read(one); count >= 0; count = in.read(one)) {
        bytes.acquire(count);
        out.write(one, 0, count);
      }
    } catch (IOException _) {
      // One side went away; so does the other.
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  private static void asked(Socket client, Socket upstream) {
    try {
      client.getInputStream().transferTo(upstream.getOutputStream());
      upstream.shutdownOutput();
    } catch (IOException _) {
      // As above.
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    ticks.shutdownNow();
  }
}
