package dev.wherry.agent.services;

import dev.wherry.agent.host.OwnNetwork;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/** A server in a network namespace that answers every datagram with the same text. */
final class UdpEcho implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** Nobody asks from a port twice: whoever is remembered by it keeps the backend it had. */
  private static final AtomicInteger NEXT_PORT = new AtomicInteger(20_000);

  private final DatagramSocket socket;
  private final Thread thread;

  UdpEcho(Path namespace, int port, String answer) throws Exception {
    CompletableFuture<DatagramSocket> bound = new CompletableFuture<>();
    thread =
        Thread.ofPlatform()
            .daemon()
            .start(
                () -> {
                  try {
                    OwnNetwork.enterNetwork(namespace);
                    DatagramSocket here = new DatagramSocket(port);
                    bound.complete(here);
                    serve(here, answer.getBytes(StandardCharsets.UTF_8));
                  } catch (Exception e) {
                    bound.completeExceptionally(e);
                  }
                });
    socket = bound.get();
  }

  private static void serve(DatagramSocket socket, byte[] answer) throws IOException {
    DatagramPacket question = new DatagramPacket(new byte[100], 100);
    while (!socket.isClosed()) {
      socket.receive(question);
      socket.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
    }
  }

  /**
   * What is answered to one datagram from a port of its own.
   *
   * @throws java.net.PortUnreachableException when it is refused
   */
  static String ask(Path from, String address, int port) throws Exception {
    return ask(from, address, port, PATIENCE);
  }

  /** The same, for an answer that may not come. */
  static String ask(Path from, String address, int port, Duration patience) throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                OwnNetwork.enterNetwork(from);
                answer.complete(ask(new InetSocketAddress(address, port), patience));
              } catch (Exception e) {
                answer.completeExceptionally(e);
              }
            });
    try {
      return answer.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    }
  }

  private static String ask(InetSocketAddress to, Duration patience) throws IOException {
    try (DatagramSocket socket = new DatagramSocket(NEXT_PORT.getAndIncrement())) {
      socket.setSoTimeout((int) patience.toMillis());
      socket.connect(to); // so that a refusal is heard of
      socket.send(new DatagramPacket(new byte[] {'?'}, 1));
      DatagramPacket answer = new DatagramPacket(new byte[100], 100);
      socket.receive(answer);
      return new String(answer.getData(), 0, answer.getLength(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    socket.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
