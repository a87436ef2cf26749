package dev.wherry.agent.dns;

import dev.wherry.agent.dns.DnsCounts.Protocol;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a client asks over one TCP connection, which clients open for long answers alone. Blocks the
 * thread that holds it.
 */
final class TcpConversation {
  private static final Logger LOG = LoggerFactory.getLogger(TcpConversation.class);

  static final Duration IDLE = Duration.ofSeconds(10);

  private static final int MAX_MESSAGE_BYTES = 65_535;

  private final ClusterZone zone;
  private final AnswerCache cache;
  private final DnsCounts counts;
  private final Function<String, List<InetSocketAddress>> servers;

  /**
   * @param cache shared with the questions over UDP
   * @param counts what is answered
   * @param servers asked one after the other for a name that is not the zone's
   */
  TcpConversation(
      ClusterZone zone,
      AnswerCache cache,
      DnsCounts counts,
      Function<String, List<InetSocketAddress>> servers) {
    this.zone = zone;
    this.cache = cache;
    this.counts = counts;
    this.servers = servers;
  }

  /** Messages with their length in front (RFC 1035, 4.2.2), until the client has no more. */
  void hold(Socket socket) throws IOException {
    socket.setSoTimeout((int) IDLE.toMillis());
    DataInputStream in = new DataInputStream(socket.getInputStream());
    DataOutputStream out = new DataOutputStream(socket.getOutputStream());
    while (true) {
      int high = in.read();
      if (high < 0) {
        return;
      }
      byte[] query = new byte[high << 8 | in.readUnsignedByte()];
      in.readFully(query);
      Optional<DnsQuestion> question = DnsQuestion.parse(query, query.length);
      Optional<byte[]> response =
          question.isPresent() ? Optional.of(respond(query, question.get())) : unread(query);
      if (response.isEmpty()) {
        return;
      }
      out.write(framed(response.get()));
    }
  }

  private Optional<byte[]> unread(byte[] query) {
    Optional<byte[]> response = DnsAnswer.renderUnread(query);
    response.ifPresent(each -> counts.ofUnread(Protocol.TCP, each).increment());
    return response;
  }

  private byte[] respond(byte[] query, DnsQuestion question) {
    DnsAnswer answer = zone.resolve(question.name(), question.type());
    byte[] response =
        question.isOfLaterEdns(query)
            ? DnsAnswer.renderBadVersion(query, question)
            : respond(query, question, answer);
    counts.of(Protocol.TCP, question, answer.source(), response).increment();
    return response;
  }

  private byte[] respond(byte[] query, DnsQuestion question, DnsAnswer answer) {
    if (answer.outcome() == DnsAnswer.Outcome.NOT_OURS) {
      return forward(query, question);
    }
    Optional<String> elsewhere = zone.elsewhere(answer, question.type());
    if (elsewhere.isPresent()) {
      byte[] further = Chase.query(query, elsewhere.get(), question.type());
      DnsQuestion chased = DnsQuestion.parse(further, further.length).orElse(question);
      byte[] response = forward(further, chased);
      return Chase.join(answer, response, query, question, zone.zone(), MAX_MESSAGE_BYTES);
    }
    int turn = ThreadLocalRandom.current().nextInt(Math.max(1, answer.records().size()));
    return answer.turned(turn).render(query, question, zone.zone(), MAX_MESSAGE_BYTES);
  }

  private byte[] forward(byte[] query, DnsQuestion question) {
    byte[] asked = question.forwarded(query);
    return cache
        .find(asked, question, MAX_MESSAGE_BYTES, System.nanoTime())
        .orElseGet(() -> ask(asked, question));
  }

  private byte[] ask(byte[] query, DnsQuestion question) {
    byte[] failure = DnsAnswer.renderFailure(query, question);
    for (InetSocketAddress server : servers.apply(question.name())) {
      try {
        byte[] response = relay(query, question, server);
        if (!DnsAnswer.isFailure(response)) {
          cache.put(query, question, response, System.nanoTime());
          return response;
        }
        failure = response;
      } catch (IOException e) {
        LOG.debug("{} does not answer over TCP: {}", server, e.getMessage());
      }
    }
    long now = System.nanoTime();
    cache.rest(query, question, now);
    return cache.findStale(query, question, MAX_MESSAGE_BYTES, now).orElse(failure);
  }

  private static byte[] relay(byte[] query, DnsQuestion question, InetSocketAddress server)
      throws IOException {
    try (Socket upstream = new Socket()) {
      upstream.connect(server, (int) Forwarder.PATIENCE.toMillis());
      upstream.setSoTimeout((int) IDLE.toMillis());
      upstream.getOutputStream().write(framed(query));
      DataInputStream in = new DataInputStream(upstream.getInputStream());
      byte[] response = new byte[in.readUnsignedShort()];
      in.readFully(response);
      if (!question.isAnsweredBy(response, question.id())) {
        throw new IOException("the answer is to another question");
      }
      return response;
    }
  }

  private static byte[] framed(byte[] message) {
    byte[] framed = new byte[2 + message.length];
    framed[0] = (byte) (message.length >>> 8);
    framed[1] = (byte) message.length;
    System.arraycopy(message, 0, framed, 2, message.length);
    return framed;
  }
}
