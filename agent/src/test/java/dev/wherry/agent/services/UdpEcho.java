package dev.wherry.agent.services;

import dev.wherry.agent.host.OwnNetwork;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/** A server in a network namespace that answers every datagram with the same text. */
final class UdpEcho implements AutoCloseable {
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

  @Override
  public void close() throws InterruptedException {
    socket.close();
    thread.join();
  }
}
