package dev.wherry.agent.dns;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Asks the node's name server, which knows the cluster's names and remembers the others', for
 * addresses. Blocks its caller. Thread-safe.
 */
public final class NameLookup {
  /** Longer than the server takes to ask all of its own. */
  static final Duration PATIENCE = Forwarder.PATIENCE.multipliedBy(Forwarder.MAX_ATTEMPTS + 1L);

  private static final Pattern IPV4 = Pattern.compile("(\\d{1,3}\\.){3}\\d{1,3}");
  private static final byte[] RECURSIVE = {0, 0, 1};

  private final Supplier<Optional<InetAddress>> server;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param server empty while its address is not known
   */
  public NameLookup(Supplier<Optional<InetAddress>> server) {
    this.server = server;
  }

  /**
   * The IPv4 addresses of a name; empty: there is no such name, or it has none.
   *
   * @param name without a dot at its end; an address stands for itself
   * @throws IOException when nobody can say
   */
  public List<InetAddress> addresses(String name) throws IOException {
    if (IPV4.matcher(name).matches()) {
      return List.of(InetAddress.ofLiteral(name));
    }
    InetAddress asked =
        server.get().orElseThrow(() -> new IOException("the name server has no address yet"));
    byte[] query = Chase.query(RECURSIVE, name, DnsQuestion.A);
    query[0] = (byte) random.nextInt();
    query[1] = (byte) random.nextInt();
    DnsQuestion question =
        DnsQuestion.parse(query, query.length)
            .orElseThrow(() -> new IOException("\"" + name + "\" cannot be asked for"));
    byte[] response = ask(asked, query, question);
    if (DnsAnswer.isFailure(response)) {
      throw new IOException("the name server cannot find out about " + name);
    }
    List<InetAddress> addresses = new ArrayList<>();
    for (DnsAnswer.Data each : Chase.answers(response)) {
      if (each instanceof DnsAnswer.Data.Foreign foreign) {
        foreign.address().ifPresent(addresses::add);
      }
    }
    return addresses;
  }

  private static byte[] ask(InetAddress server, byte[] query, DnsQuestion question)
      throws IOException {
    try (DatagramSocket socket = new DatagramSocket()) {
      socket.connect(new InetSocketAddress(server, Upstreams.DNS_PORT));
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.send(new DatagramPacket(query, query.length));
      DatagramPacket packet =
          new DatagramPacket(new byte[DnsQuestion.MAX_UDP_BYTES], 0, DnsQuestion.MAX_UDP_BYTES);
      socket.receive(packet);
      byte[] response = Arrays.copyOf(packet.getData(), packet.getLength());
      if (!question.isAnsweredBy(response, question.id())) {
        throw new IOException("the answer is to another question");
      }
      return response;
    }
  }
}
