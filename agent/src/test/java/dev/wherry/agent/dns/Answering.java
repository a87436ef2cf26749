package dev.wherry.agent.dns;

import dev.wherry.api.address.Ip;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;

/** A server with one answer, an address that ends with a number of its own. Notes who asks what. */
final class Answering implements AutoCloseable {
  private final DatagramSocket socket;
  private final Thread serving;
  private final CountDownLatch speaks = new CountDownLatch(1);
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private Answering(String address, int port, int number) throws IOException {
    socket = new DatagramSocket(new InetSocketAddress(InetAddress.ofLiteral(address), port));
    serving = Thread.startVirtualThread(() -> answer(number));
  }

  /**
   * @param port 0: any that is free
   */
  static Answering at(String address, int port, int number) throws IOException {
    Answering server = silentAt(address, port, number);
    server.speak();
    return server;
  }

  /** Lets questions wait until it is told to speak. */
  static Answering silentAt(String address, int port, int number) throws IOException {
    return new Answering(address, port, number);
  }

  void speak() {
    speaks.countDown();
  }

  int port() {
    return socket.getLocalPort();
  }

  /** Names in lower case, each as often as it was asked for. */
  List<String> asked() {
    return asked;
  }

  private void answer(int number) {
    DatagramPacket packet = new DatagramPacket(new byte[512], 512);
    try {
      speaks.await();
      while (true) {
        socket.receive(packet);
        byte[] query = Arrays.copyOf(packet.getData(), packet.getLength());
        DnsQuestion question = DnsQuestion.parse(query, query.length).orElseThrow();
        asked.add(question.name());
        byte[] answer =
            DnsAnswer.of(List.of(new DnsAnswer.Data.Address(Ip.ofIpv4(number))))
                .render(query, question, "org", 512);
        socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
      }
    } catch (IOException | InterruptedException _) {
      // closed
    }
  }

  @Override
  public void close() throws InterruptedException {
    socket.close();
    speak();
    serving.join();
  }
}
